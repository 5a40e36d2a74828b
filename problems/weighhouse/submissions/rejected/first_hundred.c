/* A table of a hundred weights is enough for the sample. */
#include <stdio.h>

int main(void) {
    int n, t, w[100], count = 0, first = 0, second = 0;
    if (scanf("%d %d", &n, &t) != 2) return 1;
    if (n > 100) n = 100;
    for (int i = 0; i < n; i++) {
        if (scanf("%d", &w[i]) != 1) return 1;
        for (int j = 0; j < i; j++) {
            if (w[i] + w[j] == t) {
                count++;
                first = j + 1;
                second = i + 1;
            }
        }
    }
    printf("%d\n", count);
    if (count) printf("%d %d\n", first, second);
    else puts("none");
}
