#include "hostile.h"

int main(void) {
    int kinds[] = {RLIMIT_STACK, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_CORE};
    for (int i = 0; i < 4; i++) {
        struct rlimit now;
        getrlimit(kinds[i], &now);
        if (now.rlim_max == RLIM_INFINITY) achieved("limit %d is off", kinds[i]);
        now.rlim_max++;
        IMPOSSIBLE(setrlimit(kinds[i], &now));
    }
    return refused();
}
