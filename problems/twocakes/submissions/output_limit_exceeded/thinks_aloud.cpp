#include <iostream>

bool is_prime(int number) {
    for (int d = 2; d < number; d++) {
        if (number % d == 0) return false;
        std::clog << number << " is not divisible by " << d << ", which is good to know\n";
    }
    return number >= 2;
}

int main() {
    std::ios::sync_with_stdio(false);
    int n;
    std::cin >> n;
    for (int p = 2; p <= n; p++) {
        if (is_prime(p) && is_prime(n - p)) {
            std::cout << p << ' ' << n - p << '\n';
            return 0;
        }
    }
}
