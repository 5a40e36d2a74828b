#include <cstdlib>
#include <iostream>
#include <vector>

int main() {
    int n;
    std::cin >> n;
    if (n == 2 || n == 3) {
        std::cout << "impossible\n";
        return 0;
    }
    // Which stones may lie beside which: n * n bytes.
    std::vector<std::vector<char>> beside(n + 1);
    for (int a = 1; a <= n; a++) {
        beside[a].assign(n + 1, 1);
        for (int b = a - 1; b <= a + 1; b++) {
            if (b >= 1 && b <= n) beside[a][b] = 0;
        }
    }
    int last = 0;
    for (int first : {2, 1}) {
        for (int stone = first; stone <= n; stone += 2) {
            if (last != 0 && !beside[last][stone]) std::abort();
            std::cout << stone << ' ';
            last = stone;
        }
    }
    std::cout << '\n';
}
