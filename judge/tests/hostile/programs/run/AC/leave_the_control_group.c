#include "hostile.h"

int main(void) {
    unwritable("/sys/fs/cgroup/cgroup.procs");
    unwritable("/sys/fs/cgroup/memory/cgroup.procs");
    unwritable("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    IMPOSSIBLE(unshare(CLONE_NEWCGROUP));
    char text[8192] = "";
    read(open("/proc/self/cgroup", O_RDONLY), text, sizeof text - 1);
    if (strstr(text, "tribunal")) achieved("its place among the control groups: %s", text);
    return refused();
}
