#include <iostream>

int main() {
    int acorns;
    std::cin >> acorns;
    if (acorns % 4 == 0) {
        std::cout << "second" << std::endl;
    } else {
        std::cout << "first\n" << acorns % 4 << std::endl;
        acorns -= acorns % 4;
    }
    for (int theirs; acorns > 0; acorns -= 4) {
        std::cin >> theirs;
        std::cout << 4 - theirs << std::endl;
    }
}
