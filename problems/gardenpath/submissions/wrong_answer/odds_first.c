#include <stdio.h>

/* Odd stones upwards, then even ones downwards: meets in the middle with a step of one. */
int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    if (n == 2 || n == 3) {
        puts("impossible");
        return 0;
    }
    for (int stone = 1; stone <= n; stone += 2) printf("%d ", stone);
    for (int stone = n - n % 2; stone >= 2; stone -= 2) printf("%d ", stone);
    puts("");
    return 0;
}
