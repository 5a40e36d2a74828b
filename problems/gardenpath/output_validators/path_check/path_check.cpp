// Accepts any path that keeps the rule: gardenpath INPUT ANSWER FEEDBACK_DIR/ < OUTPUT
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int kAccept = 42;
constexpr int kReject = 43;

std::ofstream judge_message;

[[noreturn]] void reject(const std::string& why) {
    judge_message << why << '\n';
    judge_message.close();
    std::exit(kReject);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 1;
    std::ifstream input(argv[1]), answer(argv[2]);
    judge_message.open(std::string(argv[3]) + "judgemessage.txt");
    long long n;
    std::string jury;
    if (!(input >> n) || !(answer >> jury)) return 1;

    std::string word;
    if (!(std::cin >> word)) reject("no output");
    if (word == "impossible") {
        if (jury != "impossible") reject("there is a path");
        if (std::cin >> word) reject("output after `impossible`");
        return kAccept;
    }
    if (jury == "impossible") {
        // A path where the jury has none would be our mistake, so look before judging.
        judge_message << "the jury knows no path; checking this one\n";
    }

    std::vector<bool> laid(n + 1, false);
    long long before = -1;
    for (long long i = 0; i < n; i++) {
        if (i > 0 && !(std::cin >> word)) reject("only " + std::to_string(i) + " stones");
        char* end = nullptr;
        long long stone = std::strtoll(word.c_str(), &end, 10);
        if (*end != '\0') reject("stone " + std::to_string(i + 1) + " is not a number");
        if (stone < 1 || stone > n) reject("stone " + std::to_string(i + 1) + " does not exist");
        if (laid[stone]) reject("stone " + std::to_string(stone) + " is laid twice");
        if (before != -1 && std::llabs(stone - before) < 2) {
            reject("a step of one between " + std::to_string(before) + " and " + std::to_string(stone));
        }
        laid[stone] = true;
        before = stone;
    }
    if (std::cin >> word) reject("more than n stones");
    // Right, and the jury said impossible: neither 42 nor 43, so that a human looks.
    return jury == "impossible" ? 1 : kAccept;
}
