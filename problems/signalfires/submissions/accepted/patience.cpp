#include <algorithm>
#include <cstdio>
#include <vector>

int main() {
    int n, height;
    if (std::scanf("%d", &n) != 1) return 1;
    std::vector<int> ends;
    while (n--) {
        if (std::scanf("%d", &height) != 1) return 1;
        auto place = std::lower_bound(ends.begin(), ends.end(), height);
        if (place == ends.end()) ends.push_back(height);
        else *place = height;
    }
    std::printf("%zu\n", ends.size());
}
