#include <iostream>
#include <string>

std::string stones;

// Walks every way there is.
long long ways(size_t place) {
    if (place == stones.size()) return 1;
    long long count = 0;
    for (size_t jump = 1; jump <= 3 && place + jump <= stones.size(); jump++) {
        if (stones[place + jump - 1] == 'o') count += ways(place + jump);
    }
    return count % 1'000'000'007;
}

int main() {
    int n;
    std::cin >> n >> stones;
    stones += 'o';
    std::cout << ways(0) << '\n';
}
