#include "hostile.h"

/* Whoever kills by number is always one process behind; pid 2 waits, so that the run goes on. */
int main(void) {
    if (fork()) for (;;) pause();
    for (;;)
        if (fork()) _exit(0);
}
