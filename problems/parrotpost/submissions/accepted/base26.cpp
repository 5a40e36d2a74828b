#include <algorithm>
#include <iostream>
#include <string>

int main() {
    std::string pass, word;
    unsigned long long k = 0;
    std::cin >> pass;
    if (pass == "teach") {
        std::cin >> k;
        do word += static_cast<char>('a' + k % 26);
        while (k /= 26);
        std::reverse(word.begin(), word.end());
        std::cout << word << '\n';
    } else {
        std::cin >> word;
        for (const char letter : word) k = k * 26 + (letter - 'a');
        std::cout << k << '\n';
    }
}
