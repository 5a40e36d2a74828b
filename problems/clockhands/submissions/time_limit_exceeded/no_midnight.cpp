#include <algorithm>
#include <cstdlib>
#include <iostream>

int main() {
    int hour, minute;
    char colon;
    std::cin >> hour >> colon >> minute;
    // Turns the hands until they show the time. After 23:59 comes 01:00 here, so 00:00 never comes.
    int hours = 1, minutes = 0, angle = 60;
    while (hours != hour || minutes != minute) {
        angle = (angle + 720 - 11) % 720;
        if (++minutes == 60) {
            minutes = 0;
            if (++hours == 24) {
                hours = 1;
                angle = 60;
            }
        }
    }
    std::cout << std::min(angle, 720 - angle) << '\n';
}
