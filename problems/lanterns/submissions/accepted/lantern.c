#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    for (int row = 1 - n; row < n; row++) {
        int width = n - abs(row);
        printf("%*s", n - width, "");
        for (int i = 1 - width; i < width; i++) putchar('a' + width - 1 - abs(i));
        putchar('\n');
    }
    return 0;
}
