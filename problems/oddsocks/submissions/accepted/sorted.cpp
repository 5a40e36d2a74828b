#include <algorithm>
#include <vector>

long long odd_sock(const std::vector<long long>& colours) {
    std::vector<long long> basket = colours;
    std::sort(basket.begin(), basket.end());
    size_t i = 0;
    while (i + 1 < basket.size() && basket[i] == basket[i + 1]) i += 2;
    return basket[i];
}
