#include "hostile.h"

/* Which case this is, and how the host's folders are called, is nothing for a program to know. */
int main(void) {
    for (int fd = 0; fd < 3; fd++) {
        char link[64], target[4096] = "";
        sprintf(link, "/proc/self/fd/%d", fd);
        readlink(link, target, sizeof target - 1);
        if (strchr(target, '.')) achieved("descriptor %d is %s", fd, target);
    }
    return refused();
}
