// Sorted, then walked from both ends; equal weights are taken together.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

int main() {
    int n;
    long long t;
    if (std::scanf("%d %lld", &n, &t) != 2) return 1;
    std::vector<std::pair<long long, int>> w(n);
    for (int i = 0; i < n; i++) {
        if (std::scanf("%lld", &w[i].first) != 1) return 1;
        w[i].second = i + 1;
    }
    std::sort(w.begin(), w.end());
    long long count = 0;
    int first = 0, second = 0, low = 0, high = n - 1;
    while (low < high) {
        long long sum = w[low].first + w[high].first;
        if (sum < t) { low++; continue; }
        if (sum > t) { high--; continue; }
        first = w[low].second;
        second = w[high].second;
        if (w[low].first == w[high].first) {
            long long equal = high - low + 1;
            count += equal * (equal - 1) / 2;
            break;
        }
        long long left = 1, right = 1;
        while (w[low + left].first == w[low].first) left++;
        while (w[high - right].first == w[high].first) right++;
        count += left * right;
        low += left;
        high -= right;
    }
    std::printf("%lld\n", count);
    if (count) std::printf("%d %d\n", first, second);
    else std::puts("none");
}
