#include "hostile.h"

int main(void) {
    for (int i = 0; i < 16; i++)
        if (fork() == 0) {
            volatile char *memory = malloc(8 << 20);
            for (int j = 0; j < 8 << 20; j += 4096) memory[j] = 1;
            for (;;) pause();
        }
    for (;;) pause();
}
