#include "hostile.h"

int main(void) {
    for (int i = 0; i < 4; i++)
        if (fork() == 0)
            for (;;) dprintf(1 + i % 2, "flood flood flood flood flood\n");
    for (;;) pause();
}
