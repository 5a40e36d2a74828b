#include <iostream>
#include <string>

int main() {
    int n;
    std::cin >> n;
    auto row = [n](int width) {
        std::string half;
        for (int i = 0; i < width; i++) half += char('a' + i);
        std::string back(half.rbegin() + 1, half.rend());
        std::cout << std::string(n - width, ' ') << half << back << '\n';
    };
    for (int width = 1; width <= n; width++) row(width);
    for (int width = n - 1; width >= 1; width--) row(width);
}
