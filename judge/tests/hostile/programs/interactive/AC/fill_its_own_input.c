#include "hostile.h"

/* What lies there when it ends was not said by the interactor. */
int main(void) {
    static char filler[1 << 16];
    fact("case");
    int input = open("/proc/self/fd/0", O_WRONLY | O_NONBLOCK);
    while (input >= 0 && write(input, filler, sizeof filler) > 0) continue;
    while (input >= 0 && write(input, filler, 1) > 0) continue;
    return refused();
}
