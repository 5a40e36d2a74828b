#include <cmath>
#include <complex>
#include <iomanip>
#include <iostream>
#include <vector>

int main() {
    int n;
    double speed;
    std::cin >> n >> speed;
    std::vector<std::complex<double>> pools(n);
    for (auto& pool : pools) {
        double x, y;
        std::cin >> x >> y;
        pool = {x, y};
    }
    double length = std::abs(pools.back() - pools.front());
    for (int i = 1; i < n; i++) length += std::abs(pools[i] - pools[i - 1]);
    // Scientific notation is a float too.
    std::cout << std::scientific << std::setprecision(12) << length / speed << '\n';
}
