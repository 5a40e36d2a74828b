#include "hostile.h"

/* It makes system calls that a filter does not see. */
int main(void) {
    char parameters[256] = {0};
    IMPOSSIBLE(syscall(SYS_io_uring_setup, 8, parameters));
    for (int fd = 0; fd < 8; fd++) {
        IMPOSSIBLE(syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0));
        IMPOSSIBLE(syscall(SYS_io_uring_register, fd, 0, NULL, 0));
    }
    return refused();
}
