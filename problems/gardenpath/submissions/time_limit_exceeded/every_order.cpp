#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    if (n == 2 || n == 3) {
        std::cout << "impossible\n";
        return 0;
    }
    // Tries the n! orders one after the other.
    std::vector<int> path(n);
    std::iota(path.begin(), path.end(), 1);
    auto trips = [](int a, int b) { return std::abs(a - b) < 2; };
    while (std::adjacent_find(path.begin(), path.end(), trips) != path.end()) {
        std::next_permutation(path.begin(), path.end());
    }
    for (int stone : path) std::cout << stone << ' ';
    std::cout << '\n';
}
