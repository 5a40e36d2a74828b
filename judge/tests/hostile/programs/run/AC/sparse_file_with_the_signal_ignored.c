#include "hostile.h"

int main(void) {
    signal(SIGXFSZ, SIG_IGN);
    int file = open("/tmp/sparse", O_CREAT | O_RDWR, 0600);
    IMPOSSIBLE(ftruncate(file, 1L << 40));
    IMPOSSIBLE(posix_fallocate(file, 0, 1L << 40) ? -1 : 0);
    return refused();
}
