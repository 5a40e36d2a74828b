#include "hostile.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

/* A program may forbid itself more, and cannot allow itself anything again, nor watch with a listener what others do. */
int main(void) {
    struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &allow};
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    IMPOSSIBLE(unshare(CLONE_NEWUSER));
    IMPOSSIBLE(socket(AF_INET, SOCK_STREAM, 0));
    return refused();
}
