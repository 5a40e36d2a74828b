#include "hostile.h"

int main(void) {
    unwritable(fact("writable"));
    const char *paths[] = {"/usr/bin/env", "/usr/bin/gcc", "/etc/passwd", "/etc/ld.so.preload", "/lib64/ld-linux-x86-64.so.2",
                           "/proc/self/exe", "/program/.program", ".program"};
    for (int i = 0; i < 8; i++) unwritable(paths[i]);
    const char *folders[] = {"/", "/usr", "/usr/bin", "/usr/local", "/etc", "/dev", "/proc", "/program", "/lib", fact("folder")};
    for (int i = 0; i < 10; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/hostile-left", folders[i]);
        IMPOSSIBLE(open(path, O_CREAT | O_WRONLY, 0666));
        IMPOSSIBLE(mkdir(path, 0777));
        IMPOSSIBLE(symlink("/etc/shadow", path));
        IMPOSSIBLE(mknod(path, S_IFIFO | 0666, 0));
    }
    IMPOSSIBLE(chmod("/usr/bin/env", 0777));
    IMPOSSIBLE(chown("/usr/bin/env", getuid(), getgid()));
    IMPOSSIBLE(rename("/usr/bin/env", "/usr/bin/hostile-left"));
    IMPOSSIBLE(unlink("/usr/bin/env"));
    IMPOSSIBLE(truncate("/usr/bin/env", 0));
    IMPOSSIBLE(utimensat(AT_FDCWD, "/usr/bin/env", NULL, 0));
    return refused();
}
