#include <iostream>
#include <string>
#include <vector>

int main() {
    int n;
    std::string stones;
    std::cin >> n >> stones;
    stones += 'o';
    std::vector<int> ways(n + 5, 0);
    ways[0] = 1;
    for (int i = 0; i <= n; i++) {
        if (i > 0 && stones[i - 1] == '~') continue;
        for (int jump = 1; jump <= 3; jump++) ways[i + jump] = (ways[i + jump] + ways[i]) % 1'000'000'007;
    }
    std::cout << ways[n + 1] << '\n';
}
