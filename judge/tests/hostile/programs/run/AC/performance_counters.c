#include "hostile.h"

int main(void) {
    char attributes[128] = {1, 0, 0, 0, 128};
    IMPOSSIBLE(syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
    IMPOSSIBLE(syscall(SYS_perf_event_open, attributes, -1, 0, -1, 0));
    return refused();
}
