#include <iostream>
#include <map>
#include <string>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    std::cin >> n;
    std::map<std::string, int> counts;
    std::string name;
    while (std::cin >> name) counts[name]++;
    // In the order of the dictionary: only a larger count replaces the winner.
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
        if (it->second > best->second) best = it;
    }
    std::cout << best->first << ' ' << best->second << '\n';
}
