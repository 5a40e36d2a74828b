#include <iostream>

// The same, from the other end and with every share twice as large.
int main() {
    int n;
    std::cin >> n;
    for (int heir = n; heir > 3; heir--) std::cout << (12ULL << (heir - 4)) << '\n';
    std::cout << "6\n4\n2\n";
}
