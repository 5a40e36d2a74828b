#include <stdio.h>

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    if (n == 2 || n == 3) {
        puts("impossible");
        return 0;
    }
    for (int stone = 2; stone <= n; stone += 2) printf("%d ", stone);
    for (int stone = 1; stone <= n; stone += 2) printf("%d ", stone);
    puts("");
    return 0;
}
