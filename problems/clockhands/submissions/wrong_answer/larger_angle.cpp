#include <cstdlib>
#include <iostream>

int main() {
    int hour, minute;
    char colon;
    std::cin >> hour >> colon >> minute;
    // Not always the smaller one.
    std::cout << std::abs(hour % 12 * 60 - 11 * minute) << '\n';
}
