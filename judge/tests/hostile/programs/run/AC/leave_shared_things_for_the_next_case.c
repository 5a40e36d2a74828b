#include "hostile.h"
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void) {
    int flags = IPC_CREAT | IPC_EXCL | 0666;
    if (shmget(0x1057, 4096, flags) < 0 && errno == EEXIST) achieved("shared memory is still there");
    if (semget(0x1057, 1, flags) < 0 && errno == EEXIST) achieved("a semaphore is still there");
    if (msgget(0x1057, flags) < 0 && errno == EEXIST) achieved("a message queue is still there");
    if (mq_open("/hostile-left", O_CREAT | O_EXCL | O_RDWR, 0666, NULL) < 0 && errno == EEXIST) achieved("a queue is still there");
    return refused();
}
