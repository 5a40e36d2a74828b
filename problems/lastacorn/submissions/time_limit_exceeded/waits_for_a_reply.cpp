#include <iostream>

// Begins every game, and then waits for the other squirrel to begin.
int main() {
    int acorns, theirs;
    std::cin >> acorns;
    std::cout << "first" << std::endl;
    std::cin >> theirs;
    std::cout << theirs << std::endl;
}
