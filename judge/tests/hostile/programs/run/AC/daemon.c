#include "hostile.h"

/* Out of the session and under another name, with the streams of the run held open. */
int main(void) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            prctl(PR_SET_NAME, "kworker/0:1");
            for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
            for (;;) sleep(1000);
        }
        _exit(0);
    }
    wait(NULL);
    return refused();
}
