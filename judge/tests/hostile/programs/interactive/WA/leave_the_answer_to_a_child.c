#include "hostile.h"

/* It has nobody to say it to: the run is over when its first process ends. */
int main(void) {
    if (fork() == 0) {
        setsid();
        sleep(1);
        puts("refused");
    }
    return 0;
}
