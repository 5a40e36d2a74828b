#include <iostream>
#include <string>

int main() {
    std::string who, word;
    int n;
    std::cin >> who >> n;
    if (who == "digger") {
        std::cin >> word;
        int step = 0;
        for (const char letter : word) step = step * 26 + (letter - 'a');
        std::cout << "dig " << step << std::endl;
        return 0;
    }
    int low = 1, high = n;
    while (low < high) {
        const int middle = (low + high) / 2;
        std::cout << "probe " << middle << std::endl;
        std::string answer;
        std::cin >> answer;
        if (answer == "here") low = high = middle;
        if (answer == "before") high = middle - 1;
        if (answer == "behind") low = middle + 1;
    }
    do word.insert(word.begin(), static_cast<char>('a' + low % 26));
    while (low /= 26);
    std::cout << "leave " << word << std::endl;
}
