#include <stdio.h>
#include <stdlib.h>

int main(void) {
    long long low = 1, high;
    if (scanf("%lld", &high) != 1) return 1;
    for (;;) {
        long long middle = (low + high) / 2;
        char answer[8];
        printf("%lld\n", middle);
        fflush(stdout);
        if (scanf("%7s", answer) != 1) return 1;
        if (answer[0] == 'h') abort();
        if (answer[0] == 'l') high = middle - 1;
        else low = middle + 1;
    }
}
