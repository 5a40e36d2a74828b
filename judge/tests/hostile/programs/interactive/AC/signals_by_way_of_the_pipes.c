#include "hostile.h"

/* A pipe can send a signal whenever something moves in it: to whom, is said here. */
int main(void) {
    int pids[] = {1, -1, atoi(fact("interactor")), atoi(fact("pid"))};
    signal(SIGUSR1, SIG_IGN);
    for (int i = 0; i < 4; i++)
        for (int fd = 0; fd < 2; fd++) {
            fcntl(fd, F_SETOWN, pids[i]);
            fcntl(fd, F_SETSIG, pids[i] == getpid() ? SIGUSR1 : SIGKILL);
            fcntl(fd, F_SETFL, O_ASYNC);
        }
    fcntl(0, F_SETOWN, 0);
    fcntl(1, F_SETOWN, 0);
    return refused();
}
