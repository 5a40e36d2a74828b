#include <stdio.h>
#include <string.h>

int main(void) {
    long long n;
    if (scanf("%lld", &n) != 1) return 1;
    long long low = 1, high = n;
    for (;;) {
        long long middle = (low + high) / 2;
        char answer[8];
        printf("%lld\n", middle);
        fflush(stdout);
        if (scanf("%7s", answer) != 1) return 1;
        if (strcmp(answer, "here") == 0) return 0;
        if (strcmp(answer, "left") == 0) high = middle - 1;
        else low = middle + 1;
    }
}
