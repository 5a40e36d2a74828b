#include "hostile.h"

/* Its streams may be opened again, in the other direction as well: whoever waits for its words must not wait for ever. */
int main(void) {
    int words = open("/proc/self/fd/1", O_RDONLY | O_NONBLOCK), unheard = 1;
    char text[4096];
    refused();
    fflush(stdout);
    while (unheard) ioctl(words, FIONREAD, &unheard);
    for (int i = 0; i < 20000; i++) {
        write(1, "more\n", 5);
        read(words, text, sizeof text);
    }
    return 0;
}
