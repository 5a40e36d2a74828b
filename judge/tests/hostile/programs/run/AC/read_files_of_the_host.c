#include "hostile.h"

int main(void) {
    unreadable(fact("secret"));
    const char *paths[] = {
        "/etc/shadow", "/etc/hostname", "/etc/machine-id", "/etc/ssh/ssh_host_rsa_key", "/root/.bash_history", "/home",
        "/var/log/syslog", "/var/lib/dpkg/status", "/run/docker.sock", "/boot/grub/grub.cfg", "/dev/kmsg", "/dev/mem",
        "/dev/port", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/tty", "/dev/console", "/dev/fuse", "/dev/kvm", "/dev/ptmx",
        "/dev/net/tun", "/proc/kcore", "/proc/kmsg", "/proc/kallsyms", "/proc/keys", "/proc/cmdline", "/proc/config.gz",
        "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/modules", "/proc/meminfo", "/proc/loadavg",
        "/proc/sched_debug", "/proc/timer_list", "/sys/kernel/uevent_helper", "/sys/class/net", "/sys/firmware",
        "/sys/kernel/debug", "/sys/fs/cgroup/cgroup.procs", "/.dockerenv", "/proc/self/root/etc/shadow",
        "/proc/self/cwd/../etc/shadow", "/proc/thread-self/root/root",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) unreadable(paths[i]);
    return refused();
}
