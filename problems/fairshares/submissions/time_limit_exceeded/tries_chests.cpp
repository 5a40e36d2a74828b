#include <iostream>
#include <vector>

// Tries one chest after the other, and for each the divisors from the largest down.
namespace {

bool divide(long long chest, long long left, long long below, int heirs, std::vector<long long>& shares) {
    if (heirs == 0) return left == 0;
    for (long long share = below - 1; share >= 1; share--) {
        if (chest % share != 0 || share > left) continue;
        shares.push_back(share);
        if (divide(chest, left - share, share, heirs - 1, shares)) return true;
        shares.pop_back();
    }
    return false;
}

}  // namespace

int main() {
    int n;
    std::cin >> n;
    std::vector<long long> shares;
    for (long long chest = 6; !divide(chest, chest, chest, n, shares); chest++) {
    }
    for (const long long share : shares) std::cout << share << '\n';
}
