#include "hostile.h"

/* The program has ended well when its first process has; nobody waits for the pipes. */
int main(void) {
    if (fork() == 0) {
        setsid();
        for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
        for (;;) pause();
    }
    return refused();
}
