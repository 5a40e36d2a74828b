#include "hostile.h"

/* Both ends of its input are its own: it never ends, and what the interactor says finds no room. */
int main(void) {
    char text[4096] = "";
    int input = open("/proc/self/fd/0", O_WRONLY);
    fcntl(0, F_SETPIPE_SZ, 4096);
    for (;;) {
        write(input, text, sizeof text / 2);
        if (read(0, text, sizeof text / 2) <= 0) return 0;
    }
}
