#include <iostream>

int main() {
    int n;
    std::cin >> n;
    if (n == 2 || n == 3) {
        std::cout << "impossible\n";
        return 0;
    }
    // Another path than the jury's, one stone a line.
    for (int stone = n - (n % 2 == 0); stone >= 1; stone -= 2) std::cout << stone << '\n';
    for (int stone = n - n % 2; stone >= 2; stone -= 2) std::cout << stone << '\n';
}
