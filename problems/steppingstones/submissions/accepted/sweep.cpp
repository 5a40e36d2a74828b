#include <bits/stdc++.h>

int fewest_jumps(const std::vector<int>& reach) {
    int jumps = 0, here = 0, far = 0;
    for (int stone = 0; stone + 1 < (int)reach.size(); stone++) {
        far = std::max(far, stone + reach[stone]);
        if (stone == here) {
            if (far == here) return -1;
            jumps++;
            here = far;
        }
    }
    return jumps;
}
