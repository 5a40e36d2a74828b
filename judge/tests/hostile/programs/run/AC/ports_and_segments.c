#include "hostile.h"

/* Old doors of this processor family. */
int main(void) {
    char entry[16] = {0};
    IMPOSSIBLE(syscall(SYS_iopl, 3));
    IMPOSSIBLE(syscall(SYS_ioperm, 0x60, 5, 1));
    IMPOSSIBLE(syscall(SYS_modify_ldt, 1, entry, sizeof entry));
    IMPOSSIBLE(syscall(SYS_uselib, "/usr/bin/env"));
    return refused();
}
