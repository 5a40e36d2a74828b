#include <iostream>

int main() {
    a, b, c = 0, 0, 1
    for stone in input() + "o":
        a, b, c = b, c, a + b + c
    std::cout << c;
}
