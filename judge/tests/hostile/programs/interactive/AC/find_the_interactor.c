#include "hostile.h"

int main(void) {
    for (int pid = 1; pid < 40000; pid++)
        if (pid != getpid() && (kill(pid, 0) == 0 || (errno == EPERM && pid != 1))) achieved("process %d is there", pid);
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));)
        if (atoi(entry->d_name) && atoi(entry->d_name) != getpid()) achieved("/proc/%s", entry->d_name);
    unreadable("/proc/1/fd/0");
    unreadable("/proc/net/unix");
    unreadable("/sys/fs/cgroup/cgroup.procs");
    return refused();
}
