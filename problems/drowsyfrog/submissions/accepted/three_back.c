#include <stdio.h>

static char stones[100002];

int main(void) {
    int n;
    if (scanf("%d %100001s", &n, stones) != 2) return 1;
    long long a = 0, b = 0, c = 1;
    for (int i = 0; i <= n; i++) {
        long long here = i < n && stones[i] == '~' ? 0 : (a + b + c) % 1000000007;
        a = b;
        b = c;
        c = here;
    }
    printf("%lld\n", c);
    return 0;
}
