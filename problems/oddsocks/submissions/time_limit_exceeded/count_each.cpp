#include <vector>

// Counts each sock's colour anew: n * n steps.
long long odd_sock(const std::vector<long long>& colours) {
    long long odd = 0;
    for (long long colour : colours) {
        volatile int same = 0;
        for (long long other : colours) same = same + (other == colour);
        if (same % 2 == 1) odd = colour;
    }
    return odd;
}
