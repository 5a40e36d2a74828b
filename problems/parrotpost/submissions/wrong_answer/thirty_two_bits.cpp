#include <iostream>
#include <string>

int main() {
    std::string pass, word;
    unsigned k = 0;
    std::cin >> pass;
    if (pass == "teach") {
        unsigned long long number;
        std::cin >> number;
        for (int i = 0; i < 7; i++, number /= 26) word.insert(word.begin(), static_cast<char>('a' + number % 26));
        std::cout << word << '\n';
    } else {
        std::cin >> word;
        for (const char letter : word) k = k * 26 + (letter - 'a');
        std::cout << k << '\n';
    }
}
