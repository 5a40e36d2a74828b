#include "hostile.h"

int main(void) {
    int pids[] = {1, atoi(fact("pid"))};
    int signals[] = {SIGSTOP, SIGTERM, SIGKILL, SIGUSR1};
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 4; j++)
            if (pids[i] != getpid() && kill(pids[i], signals[j]) == 0) achieved("signal %d to %d", signals[j], pids[i]);
    if (kill(-1, SIGKILL) == 0) achieved("killed everybody");
    return refused();
}
