#include <cmath>
#include <iomanip>
#include <iostream>
#include <vector>

int main() {
    int n;
    double speed;
    std::cin >> n >> speed;
    std::vector<double> x(n), y(n);
    for (int i = 0; i < n; i++) std::cin >> x[i] >> y[i];
    double length = 0;
    for (int i = 0; i < n; i++) length += std::hypot(x[(i + 1) % n] - x[i], y[(i + 1) % n] - y[i]);
    // The tolerance is an error bound, not a number of digits.
    std::cout << std::fixed << std::setprecision(3) << length / speed << '\n';
}
