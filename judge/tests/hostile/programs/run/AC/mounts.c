#include "hostile.h"

int main(void) {
    mkdir("/tmp/to", 0755);
    IMPOSSIBLE(syscall(SYS_mount, "none", "/tmp/to", "tmpfs", 0, NULL));
    IMPOSSIBLE(syscall(SYS_mount, "/", "/tmp/to", NULL, 4096 /* MS_BIND */, NULL));
    IMPOSSIBLE(syscall(SYS_mount, NULL, "/usr", NULL, 32 | 4096 /* read-write again */, NULL));
    const char *mounted[] = {"/tmp", "/proc", "/dev", "/dev/shm", "/usr", "/program", "/"};
    for (int i = 0; i < 7; i++) IMPOSSIBLE(syscall(SYS_umount2, mounted[i], 2));
    IMPOSSIBLE(syscall(SYS_fsopen, "tmpfs", 0));
    IMPOSSIBLE(syscall(SYS_open_tree, AT_FDCWD, "/", 1));
    IMPOSSIBLE(syscall(SYS_move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/dev", 0));
    uint64_t attributes[4] = {0, 1};
    IMPOSSIBLE(syscall(SYS_mount_setattr, AT_FDCWD, "/usr", 0, attributes, sizeof attributes));
    return refused();
}
