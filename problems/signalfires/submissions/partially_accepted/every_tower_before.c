/* 75 points: looks back at every tower, which takes too long for the last step.
   @EXPECTED_SCORE@: 75 */
#include <stdio.h>

static int height[200000], run[200000];

int main(void) {
    int n, answer = 0;
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) {
        if (scanf("%d", &height[i]) != 1) return 1;
        run[i] = 1;
        for (int j = 0; j < i; j++) {
            if (height[j] < height[i] && run[j] >= run[i]) run[i] = run[j] + 1;
        }
        if (run[i] > answer) answer = run[i];
    }
    printf("%d\n", answer);
}
