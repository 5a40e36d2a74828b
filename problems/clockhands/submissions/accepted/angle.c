#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int hour, minute;
    if (scanf("%d:%d", &hour, &minute) != 2) return 1;
    int angle = abs((hour % 12 * 60 + minute) - 12 * minute);
    printf("%d\n", angle < 360 ? angle : 720 - angle);
    return 0;
}
