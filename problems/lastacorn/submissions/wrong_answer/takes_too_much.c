#include <stdio.h>

int main(void) {
    int acorns, theirs;
    if (scanf("%d", &acorns) != 1) return 1;
    puts("first");
    fflush(stdout);
    while (acorns > 0) {
        puts("3");
        fflush(stdout);
        if (scanf("%d", &theirs) != 1) return 0;
        acorns -= 3 + theirs;
    }
    return 0;
}
