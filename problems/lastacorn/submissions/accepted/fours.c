#include <stdio.h>

int main(void) {
    int acorns, theirs;
    if (scanf("%d", &acorns) != 1) return 1;
    int ours = acorns % 4 != 0;
    puts(ours ? "first" : "second");
    fflush(stdout);
    for (; acorns > 0; ours = !ours) {
        int taken = acorns % 4;
        if (ours) {
            printf("%d\n", taken);
            fflush(stdout);
        } else {
            if (scanf("%d", &theirs) != 1) return 1;
            taken = theirs;
        }
        acorns -= taken;
    }
    return 0;
}
