#include <stdbool.h>
#include <stdio.h>

static bool is_prime(int number) {
    if (number < 2) return false;
    for (int d = 2; d <= number / d; d++) {
        if (number % d == 0) return false;
    }
    return true;
}

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    for (int p = n / 2; p >= 2; p--) {
        if (is_prime(p) && is_prime(n - p)) {
            printf("%d %d\n", n - p, p);
            return 0;
        }
    }
    return 1;
}
