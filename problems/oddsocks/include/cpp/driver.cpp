#include <iostream>
#include <vector>

long long odd_sock(const std::vector<long long>& colours);

int main() {
    std::ios::sync_with_stdio(false);
    int count;
    std::cin >> count;
    std::vector<long long> colours(count);
    for (long long& colour : colours) std::cin >> colour;
    std::cout << odd_sock(colours) << '\n';
}
