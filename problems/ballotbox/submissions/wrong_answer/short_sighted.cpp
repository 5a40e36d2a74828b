#include <iostream>
#include <map>
#include <string>

int main() {
    std::ios::sync_with_stdio(false);
    int n;
    std::cin >> n;
    // Reads no more than the first eight letters of a name.
    std::map<std::string, int> counts;
    std::string name;
    for (int i = 0; i < n && std::cin >> name; i++) counts[name.substr(0, 8)]++;
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
        if (it->second > best->second) best = it;
    }
    std::cout << best->first << ' ' << best->second << '\n';
}
