#include <cstdlib>
#include <iostream>
#include <string>

int main() {
    std::string who;
    std::cin >> who;
    if (who == "digger") std::abort();
    std::cout << "leave x" << std::endl;
}
