#include "hostile.h"

int main(void) {
    char memory[16];
    struct { void *at; size_t length; } here = {memory, 16}, there = {memory, 16};
    int pids[] = {1, getpid(), getppid(), atoi(fact("pid"))};
    IMPOSSIBLE(syscall(SYS_ptrace, 0, 0, 0, 0));
    for (int i = 0; i < 4; i++) {
        IMPOSSIBLE(syscall(SYS_ptrace, 16, pids[i], 0, 0));
        IMPOSSIBLE(syscall(SYS_ptrace, 0x4206, pids[i], 0, 0));
        IMPOSSIBLE(syscall(SYS_process_vm_readv, pids[i], &here, 1, &there, 1, 0));
        IMPOSSIBLE(syscall(SYS_process_vm_writev, pids[i], &here, 1, &there, 1, 0));
        IMPOSSIBLE(syscall(SYS_kcmp, pids[i], pids[i], 0, 0, 0));
        int process = syscall(SYS_pidfd_open, pids[i], 0);
        IMPOSSIBLE(syscall(SYS_pidfd_getfd, process, 0, 0));
        IMPOSSIBLE(syscall(SYS_process_madvise, process, &there, 1, 4, 0));
    }
    return refused();
}
