#include <iostream>
#include <string>

int main() {
    long long low = 1, high;
    std::cin >> high;
    for (std::string answer; answer != "here";) {
        const long long middle = (low + high) / 2;
        std::cout << middle << std::endl;
        std::cin >> answer;
        if (answer == "left") high = middle - 1;
        if (answer == "right") low = middle + 1;
    }
}
