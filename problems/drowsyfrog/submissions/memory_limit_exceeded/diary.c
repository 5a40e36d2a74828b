#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char stones[100002];

/* Keeps the whole table as it was after each stone. */
int main(void) {
    int n;
    if (scanf("%d %100001s", &n, stones) != 2) return 1;
    long long *before = calloc((size_t)n + 4, sizeof *before);
    if (before == NULL) return 1;
    before[2] = 1;
    for (int i = 0; i <= n; i++) {
        long long *ways = malloc(((size_t)n + 4) * sizeof *ways);
        if (ways == NULL) return 1;
        memcpy(ways, before, ((size_t)n + 4) * sizeof *ways);
        ways[i + 3] = i < n && stones[i] == '~' ? 0 : (ways[i] + ways[i + 1] + ways[i + 2]) % 1000000007;
        before = ways;
    }
    printf("%lld\n", before[n + 3]);
    return 0;
}
