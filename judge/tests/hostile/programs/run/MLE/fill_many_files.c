#include "hostile.h"

/* Each is small enough for a limit on files; together they are not. */
int main(void) {
    static char block[512 << 10];
    memset(block, 1, sizeof block);
    for (int i = 0; i < 2048; i++) {
        char name[64];
        sprintf(name, "%s/%d", i % 2 ? "/tmp" : "/dev/shm", i);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file < 0 || write(file, block, sizeof block) < 0) return refused();
        close(file);
    }
    achieved("a gigabyte in files");
}
