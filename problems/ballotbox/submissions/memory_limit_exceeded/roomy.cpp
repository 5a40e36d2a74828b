#include <iostream>
#include <map>
#include <string>
#include <vector>

struct Ballot {
    std::string name;
    std::string remarks = std::string(1000, ' ');
};

int main() {
    std::ios::sync_with_stdio(false);
    int n;
    std::cin >> n;
    std::vector<Ballot> box;
    for (int i = 0; i < n; i++) {
        box.emplace_back();
        std::cin >> box.back().name;
    }
    std::map<std::string, int> counts;
    for (const Ballot& ballot : box) counts[ballot.name]++;
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
        if (it->second > best->second) best = it;
    }
    std::cout << best->first << ' ' << best->second << '\n';
}
