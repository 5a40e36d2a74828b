#include <stdio.h>
#include <stdlib.h>

long long odd_sock(const long long *colours, int count);

int main(void) {
    int count;
    if (scanf("%d", &count) != 1) return 1;
    long long *colours = malloc(sizeof *colours * (size_t)count);
    if (colours == NULL) return 1;
    for (int i = 0; i < count; i++) {
        if (scanf("%lld", &colours[i]) != 1) return 1;
    }
    printf("%lld\n", odd_sock(colours, count));
    free(colours);
    return 0;
}
