#include "hostile.h"

/* It stops the kernel in the middle of a copy, for as long as one likes. */
int main(void) {
    IMPOSSIBLE(syscall(SYS_userfaultfd, 0));
    IMPOSSIBLE(syscall(SYS_userfaultfd, 1));
    return refused();
}
