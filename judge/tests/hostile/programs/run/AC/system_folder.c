#include "hostile.h"

int main(void) {
    const char *folders[] = {"/sys", "/sys/kernel", "/sys/fs/cgroup", "/sys/devices", "/proc/sys", "/proc/acpi", "/proc/bus", "/proc/irq"};
    for (int i = 0; i < 8; i++)
        if (opendir(folders[i])) achieved("%s is there", folders[i]);
    unwritable("/proc/sys/kernel/core_pattern");
    unwritable("/proc/sysrq-trigger");
    /* This can be opened, and says no when it is written. */
    IMPOSSIBLE(write(open("/proc/self/uid_map", O_WRONLY), "0 0 1", 5));
    return refused();
}
