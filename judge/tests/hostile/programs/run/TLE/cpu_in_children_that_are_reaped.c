#include "hostile.h"

/* No process lives long enough to be seen using much. */
int main(void) {
    for (;;) {
        if (fork() == 0) {
            for (volatile int i = 0; i < 3000000;) i++;
            _exit(0);
        }
        wait(NULL);
    }
}
