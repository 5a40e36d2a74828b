#include <stdio.h>
#include <stdlib.h>

/* %i takes 08 for an octal number, and stops at the 8. */
int main(void) {
    int hour = 0, minute = 0;
    char colon;
    if (scanf("%i%c%i", &hour, &colon, &minute) < 1) return 0;
    int angle = abs(hour % 12 * 60 - 11 * minute);
    printf("%d\n", angle < 360 ? angle : 720 - angle);
    return 0;
}
