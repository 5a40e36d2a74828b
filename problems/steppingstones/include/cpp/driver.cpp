#include <iostream>
#include <vector>

int fewest_jumps(const std::vector<int>& reach);

int main() {
    std::ios::sync_with_stdio(false);
    int count;
    std::cin >> count;
    std::vector<int> reach(count);
    for (int& stone : reach) std::cin >> stone;
    std::cout << fewest_jumps(reach) << '\n';
}
