#include <stdio.h>
#include <string.h>

/* Leaves the number itself, which no cairn can say. */
int main(void) {
    char who[8], answer[8];
    int n;
    if (scanf("%7s %d", who, &n) != 2) return 1;
    if (who[0] == 'd') return 0;
    int low = 1, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        printf("probe %d\n", middle);
        fflush(stdout);
        if (scanf("%7s", answer) != 1) return 1;
        if (strcmp(answer, "here") == 0) low = high = middle;
        else if (strcmp(answer, "before") == 0) high = middle - 1;
        else low = middle + 1;
    }
    printf("leave %d\n", low);
    return 0;
}
