#include <algorithm>
#include <cstdlib>
#include <iostream>

int main() {
    int hour, minute;
    char colon;
    std::cin >> hour >> colon >> minute;
    int angle = std::abs(hour % 12 * 60 - 11 * minute);
    std::cout << std::min(angle, 720 - angle) << '\n';
}
