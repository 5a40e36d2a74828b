#include "hostile.h"

int main(void) {
    struct sched_param first = {1};
    IMPOSSIBLE(sched_setscheduler(0, SCHED_FIFO, &first));
    IMPOSSIBLE(sched_setscheduler(0, SCHED_RR, &first));
    IMPOSSIBLE(setpriority(PRIO_PROCESS, 0, -20));
    IMPOSSIBLE(syscall(SYS_ioprio_set, 1, 0, 1 << 13));
    int file = open("/proc/self/oom_score_adj", O_WRONLY);
    if (file >= 0 && write(file, "-1000", 5) == 5) achieved("nobody can be killed for memory but others");
    return refused();
}
