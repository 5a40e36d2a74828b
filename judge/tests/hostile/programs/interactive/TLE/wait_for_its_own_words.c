#include "hostile.h"

/* A reader that steals all that comes after a yes, and then waits for more. */
int main(void) {
    fact("case");
    int words = open("/proc/self/fd/1", O_RDONLY);
    write(1, "refused\n", 8);
    /* The interactor is gone when it reads no more. */
    usleep(300000);
    char text[4096];
    for (int i = 0; i < 1000; i++) {
        write(1, "more\n", 5);
        fcntl(words, F_SETFL, O_NONBLOCK);
        read(words, text, sizeof text);
    }
    for (;;) pause();
}
