#include <iostream>
#include <map>
#include <string>

int main() {
    std::ios::sync_with_stdio(false);
    int n;
    std::cin >> n;
    std::map<std::string, int> counts;
    std::string name;
    // Reads out every ballot; what goes to standard error counts as output, too.
    for (int i = 0; i < n && std::cin >> name; i++) std::clog << name << ": " << ++counts[name] << '\n';
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
        if (it->second > best->second) best = it;
    }
    std::cout << best->first << ' ' << best->second << '\n';
}
