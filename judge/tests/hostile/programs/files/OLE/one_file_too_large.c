#include "hostile.h"

int main(void) {
    static char block[1 << 20];
    int file = open("file", O_CREAT | O_WRONLY, 0600);
    for (int i = 0; i < 64; i++) write(file, block, sizeof block);
    return refused();
}
