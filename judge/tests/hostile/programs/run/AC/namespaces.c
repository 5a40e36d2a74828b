#include "hostile.h"

/* A user namespace makes anybody root of a great deal of kernel code. */
int main(void) {
    int kinds[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP, 0x80};
    for (int i = 0; i < 8; i++) {
        IMPOSSIBLE(unshare(kinds[i]));
        /* The last is a time namespace, whose bit is part of a signal's number here. */
        if (i < 7) IMPOSSIBLE(syscall(SYS_clone, kinds[i] | SIGCHLD, 0, 0, 0, 0));
        uint64_t arguments[11] = {kinds[i], 0, 0, 0, SIGCHLD};
        IMPOSSIBLE(syscall(SYS_clone3, arguments, sizeof arguments));
        IMPOSSIBLE(setns(0, kinds[i]));
    }
    return refused();
}
