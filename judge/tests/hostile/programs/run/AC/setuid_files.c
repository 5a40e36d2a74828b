#include "hostile.h"

/* Those of the toolchain give nothing, and none can be made. */
int main(void) {
    const char *files[] = {"/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd", "/usr/bin/newgrp", "/usr/bin/sudo", "/usr/bin/chsh"};
    for (int i = 0; i < 6; i++) {
        struct statvfs mounted;
        if (access(files[i], X_OK) == 0 && (statvfs(files[i], &mounted) || !(mounted.f_flag & ST_NOSUID)))
            achieved("%s keeps its bit", files[i]);
    }
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) achieved("new privileges");
    IMPOSSIBLE(setuid(0));
    IMPOSSIBLE(setresgid(0, 0, 0));
    IMPOSSIBLE(setgroups(0, NULL));
    IMPOSSIBLE(setresuid(-1, 1000, -1));
    if (fork() == 0) {
        dup2(open("/dev/null", O_WRONLY), 2);
        execl("/usr/bin/mount", "mount", "-t", "tmpfs", "x", "/tmp", NULL);
        _exit(1);
    }
    int status = 0;
    wait(&status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) achieved("mounted as root");
    return refused();
}
