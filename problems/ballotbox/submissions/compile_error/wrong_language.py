#include <iostream>

int main() {
    std::cout << "oakroot 40" << std::endl;
}
