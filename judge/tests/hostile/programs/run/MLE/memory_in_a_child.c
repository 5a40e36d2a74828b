#include "hostile.h"

/* The parent survives its child's death, unless the whole tree is ended. */
int main(void) {
    if (fork() == 0)
        for (;;) memset(malloc(1 << 20), 1, 1 << 20);
    wait(NULL);
    puts("refused");
}
