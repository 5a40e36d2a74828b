#include <stdio.h>

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    printf("1 2 3");
    unsigned long long chest = 6;
    for (int heir = 4; heir <= n; heir++, chest *= 2) printf(" %llu", chest);
    puts("");
    return 0;
}
