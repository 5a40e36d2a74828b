#include "hostile.h"

/* The classic: a root below where one stands, and upwards from there. */
int main(void) {
    mkdir("/tmp/new", 0755);
    int here = open("/", O_RDONLY);
    IMPOSSIBLE(chroot("/tmp/new"));
    fchdir(here);
    for (int i = 0; i < 64; i++) chdir("..");
    IMPOSSIBLE(chroot("."));
    IMPOSSIBLE(syscall(SYS_pivot_root, ".", "."));
    if (access("root", F_OK) == 0 || access("var/log", F_OK) == 0) achieved("out of the root");
    return refused();
}
