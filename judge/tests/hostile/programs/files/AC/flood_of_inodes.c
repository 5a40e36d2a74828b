#include "hostile.h"

int main(void) {
    int count = 0;
    for (; count < 100000; count++) {
        char name[16];
        sprintf(name, "f%d", count);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file < 0) break;
        close(file);
    }
    if (count == 100000) achieved("a hundred thousand files");
    return refused();
}
