#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    std::vector<bool> composite(n + 1, false);
    for (int p = 2; p <= n / p; p++) {
        if (composite[p]) continue;
        for (int multiple = p * p; multiple <= n; multiple += p) composite[multiple] = true;
    }
    for (int p = 2; p <= n / 2; p++) {
        if (!composite[p] && !composite[n - p]) {
            std::cout << p << ' ' << n - p << '\n';
            return 0;
        }
    }
    return 1;
}
