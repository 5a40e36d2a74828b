#include "hostile.h"

int main(void) {
    struct timespec now = {0, 0};
    char change[256] = {0};
    for (int clock = 0; clock < 12; clock++) IMPOSSIBLE(syscall(SYS_clock_settime, clock, &now));
    IMPOSSIBLE(syscall(SYS_settimeofday, &now, NULL));
    change[0] = 1;
    IMPOSSIBLE(syscall(SYS_adjtimex, change));
    IMPOSSIBLE(syscall(SYS_clock_adjtime, 0, change));
    return refused();
}
