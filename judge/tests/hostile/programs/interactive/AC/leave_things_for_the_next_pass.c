#include "hostile.h"

#include <sys/shm.h>

int main(void) {
    const char *folders[] = {"/tmp", "/dev/shm", "."};
    for (int i = 0; i < 3; i++) {
        char path[64];
        sprintf(path, "%s/hostile-left", folders[i]);
        if (access(path, F_OK) == 0) achieved("%s is still there", path);
        close(open(path, O_CREAT | O_WRONLY, 0666));
    }
    if (shmget(0x1057, 4096, IPC_CREAT | IPC_EXCL | 0666) < 0 && errno == EEXIST) achieved("shared memory is still there");
    struct sockaddr_un name = {AF_UNIX, "\0hostile-left"};
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    if (first_case()) {
        bind(end, (void *)&name, sizeof name);
        listen(end, 1);
    } else {
        IMPOSSIBLE(connect(end, (void *)&name, sizeof name));
    }
    /* It holds the pipes of this pass, and is gone with it. */
    if (fork() == 0) {
        setsid();
        for (;;) pause();
    }
    return refused();
}
