#include "hostile.h"

/* Kernel buffers are memory too. */
int main(void) {
    static char block[1 << 20];
    for (int i = 0; i < 100; i++) {
        int ends[2];
        if (pipe(ends)) break;
        fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
        if (write(ends[1], block, sizeof block) < 0) break;
    }
    return refused();
}
