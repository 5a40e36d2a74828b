#include "hostile.h"

/* It takes no room, but whoever copies or reads it needs a terabyte. */
int main(void) {
    int file = open("/tmp/sparse", O_CREAT | O_RDWR, 0600);
    if (ftruncate(file, 1L << 40) == 0) achieved("a terabyte that is not there");
    return refused();
}
