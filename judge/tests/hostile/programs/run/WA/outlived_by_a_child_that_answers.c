#include "hostile.h"

/* What counts is what was printed when the program ended; nobody waits for its children. */
int main(void) {
    if (fork() == 0) {
        sleep(1);
        puts("refused");
    }
    return 0;
}
