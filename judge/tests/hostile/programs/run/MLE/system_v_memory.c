#include "hostile.h"
#include <sys/shm.h>

int main(void) {
    int segment = shmget(IPC_PRIVATE, 1 << 30, IPC_CREAT | 0600);
    char *memory = shmat(segment, NULL, 0);
    if (memory == (void *)-1) return refused();
    memset(memory, 1, 1 << 30);
    achieved("a gigabyte of shared memory");
}
