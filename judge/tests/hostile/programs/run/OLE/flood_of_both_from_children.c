#include "hostile.h"

int main(void) {
    static char flood[1 << 14];
    for (int i = 0; i < 4; i++)
        if (fork() == 0)
            for (;;) write(1 + i % 2, flood, sizeof flood);
    for (;;) pause();
}
