#include "hostile.h"

#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void) {
    int flags = IPC_CREAT | IPC_EXCL | 0666;
    if (shmget(0x1057, 4096, flags) < 0 && errno == EEXIST) achieved("shared memory is still there");
    if (semget(0x1057, 1, flags) < 0 && errno == EEXIST) achieved("a semaphore is still there");
    if (msgget(0x1057, flags) < 0 && errno == EEXIST) achieved("a message queue is still there");
    struct sockaddr_un name = {AF_UNIX, "\0hostile-left"};
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    if (!first_case()) {
        IMPOSSIBLE(connect(end, (void *)&name, sizeof name));
        return refused();
    }
    bind(end, (void *)&name, sizeof name);
    listen(end, 1);
    if (fork() == 0) {
        setsid();
        for (;;) accept(end, NULL, NULL);
    }
    return refused();
}
