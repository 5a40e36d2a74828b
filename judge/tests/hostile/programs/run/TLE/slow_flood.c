#include <stdio.h>
#include <unistd.h>

/* Never idle for long, never much. */
int main(void) {
    for (;;) {
        putchar('x');
        fflush(stdout);
        usleep(500);
    }
}
