#include <stdio.h>

static char stones[100002];

/* Three numbers below the modulus do not fit into an int together. */
int main(void) {
    int n;
    if (scanf("%d %100001s", &n, stones) != 2) return 1;
    int a = 0, b = 0, c = 1;
    for (int i = 0; i <= n; i++) {
        int sum = (int)((unsigned)a + (unsigned)b + (unsigned)c);
        a = b;
        b = c;
        c = i < n && stones[i] == '~' ? 0 : sum % 1000000007;
    }
    printf("%d\n", c);
    return 0;
}
