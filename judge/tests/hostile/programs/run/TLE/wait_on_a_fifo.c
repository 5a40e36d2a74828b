#include "hostile.h"

int main(void) {
    mkfifo("/tmp/fifo", 0666);
    return open("/tmp/fifo", O_RDONLY);
}
