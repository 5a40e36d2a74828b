#include <iostream>
#include <string>

// Forgets to narrow one side, so that the librarian gives up first; that it then loops for ever makes no difference.
int main() {
    long long low = 1, high;
    std::cin >> high;
    for (std::string answer; answer != "here";) {
        const long long middle = (low + high) / 2;
        std::cout << middle << std::endl;
        if (!(std::cin >> answer)) {
            for (volatile bool lost = true; lost;) {
            }
        }
        if (answer == "left") high = middle - 1;
        if (answer == "right") low = middle;
    }
}
