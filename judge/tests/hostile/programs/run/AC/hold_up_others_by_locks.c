#include "hostile.h"
#include <sys/file.h>

/* A lock on a file that other boxes see would hold them up, or be a signal to them. The first case leaves them held by a daemon. */
int main(void) {
    const char *shared[] = {"/proc/self/fd/0", "/usr/bin/env", "/lib/x86_64-linux-gnu/libc.so.6", "/etc/passwd"};
    for (int i = 0; i < 4; i++) {
        int file = open(shared[i], O_RDONLY);
        if (flock(file, LOCK_EX | LOCK_NB)) achieved("%s is locked", shared[i]);
    }
    if (fork() == 0) for (;;) pause();
    return refused();
}
