#include <iostream>
#include <string>

namespace {

std::string word_for(unsigned long long k) {
    std::string word(7, 'a');
    for (int i = 6; i >= 0; i--, k /= 26) word[i] = static_cast<char>('a' + k % 26);
    return word;
}

}  // namespace

int main() {
    std::string pass, word;
    unsigned long long k = 0;
    std::cin >> pass;
    if (pass == "teach") {
        std::cin >> k;
        std::cout << word_for(k) << '\n';
    } else {
        std::cin >> word;
        while (word_for(k) != word) k++;
        std::cout << k << '\n';
    }
}
