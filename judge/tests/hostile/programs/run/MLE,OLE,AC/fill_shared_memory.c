#include "hostile.h"

int main(void) {
    static char block[1 << 20];
    memset(block, 1, sizeof block);
    int file = open("/dev/shm/file", O_CREAT | O_WRONLY, 0600);
    for (int i = 0; i < 1024; i++)
        if (write(file, block, sizeof block) != sizeof block) return refused();
    achieved("a gigabyte in a file");
}
