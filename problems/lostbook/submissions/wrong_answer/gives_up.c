#include <stdio.h>

/* Ends without a word when the shelf is longer than it likes. */
int main(void) {
    long long n;
    char answer[8];
    if (scanf("%lld", &n) != 1) return 1;
    for (long long place = 1; place <= n && n <= 10; place++) {
        printf("%lld\n", place);
        fflush(stdout);
        if (scanf("%7s", answer) != 1 || answer[0] == 'h') return 0;
    }
    return 0;
}
