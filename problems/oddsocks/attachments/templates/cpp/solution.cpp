#include <vector>

long long odd_sock(const std::vector<long long>& colours) {
    return 0;
}
