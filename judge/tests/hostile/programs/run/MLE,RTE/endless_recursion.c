#include <stdio.h>

/* The stack may grow up to the memory limit: which of the two ends it is a matter of a page. */
static int deeper(volatile int *level) {
    volatile int here[256] = {*level + 1};
    return deeper(here) + here[0];
}

int main(void) {
    volatile int start = 0;
    printf("%d\n", deeper(&start));
}
