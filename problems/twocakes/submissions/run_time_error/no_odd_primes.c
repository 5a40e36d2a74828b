#include <stdio.h>

static int is_prime(int number) {
    for (int d = 3; d * d <= number; d += 2) {
        if (number % d == 0) return 0;
    }
    return number % 2 == 1 && number > 1;
}

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    for (int p = 3; p <= n / 2; p += 2) {
        if (is_prime(p) && is_prime(n - p)) {
            printf("%d %d\n", p, n - p);
            return 0;
        }
    }
    /* 4 = 2 + 2 was forgotten, and the exit status says so. */
    return 3;
}
