#include "hostile.h"

int main(void) {
    static char block[64 << 10];
    long total = 0;
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < 1024; i++) {
        char name[16];
        sprintf(name, "f%d", i);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        long written = write(file, block, sizeof block);
        close(file);
        if (written <= 0) break;
        total += written;
    }
    if (total > 16 << 20) achieved("%ld bytes of files", total);
    return refused();
}
