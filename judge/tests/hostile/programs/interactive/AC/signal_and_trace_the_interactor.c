#include "hostile.h"

int main(void) {
    int pids[] = {1, atoi(fact("interactor")), atoi(fact("pid")), getppid(), 0};
    char memory[16];
    struct { void *at; size_t length; } here = {memory, 16}, there = {memory, 16};
    int signals[] = {SIGSTOP, SIGTERM, SIGKILL, SIGPIPE};
    signal(SIGTERM, SIG_IGN);
    for (int i = 0; pids[i]; i++) {
        /* In its own namespace it has the number that we have in ours. */
        if (pids[i] == getpid()) continue;
        for (int j = 0; j < 4; j++)
            if (kill(pids[i], signals[j]) == 0) achieved("signal %d to %d", signals[j], pids[i]);
        IMPOSSIBLE(syscall(SYS_ptrace, 16, pids[i], 0, 0));
        IMPOSSIBLE(syscall(SYS_process_vm_writev, pids[i], &here, 1, &there, 1, 0));
        int process = syscall(SYS_pidfd_open, pids[i], 0);
        IMPOSSIBLE(syscall(SYS_pidfd_getfd, process, 1, 0));
        IMPOSSIBLE(syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0));
    }
    if (kill(-1, SIGKILL) == 0) achieved("killed everybody");
    return refused();
}
