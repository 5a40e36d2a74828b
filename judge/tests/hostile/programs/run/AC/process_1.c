#include "hostile.h"

int main(void) {
    const char *files[] = {"cmdline", "environ", "maps", "mem", "status", "stat", "fd/0", "root/etc/passwd", "cwd/etc/passwd",
                           "exe", "ns/mnt", "task/1/status", "net/tcp", "cgroup", "mountinfo"};
    int pids[] = {1, atoi(fact("pid"))};
    for (int i = 0; i < 2; i++)
        for (size_t j = 0; j < sizeof files / sizeof *files; j++) {
            char path[64], target[64];
            sprintf(path, "/proc/%d/%s", pids[i], files[j]);
            unreadable(path);
            if (readlink(path, target, sizeof target) > 0) achieved("%s is a link", path);
        }
    return refused();
}
