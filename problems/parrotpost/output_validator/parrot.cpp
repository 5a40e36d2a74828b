// Carries the word of the first pass into the second: parrot INPUT ANSWER FEEDBACK_DIR/ < OUTPUT
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace {

constexpr int kAccept = 42;
constexpr int kReject = 43;

[[noreturn]] void reject(const std::string& feedback, const std::string& why) {
    std::ofstream(feedback + "judgemessage.txt", std::ios::app) << why << '\n';
    std::exit(kReject);
}

bool is_word(const std::string& word) {
    return !word.empty() && word.size() <= 7 && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 1;
    const std::string feedback = argv[3];
    std::ifstream input(argv[1]), answer(argv[2]);
    std::string pass, said, more, number;
    if (!(input >> pass) || !(answer >> number)) return 1;

    if (!(std::cin >> said)) reject(feedback, pass + ": said nothing");
    if (std::cin >> more) reject(feedback, pass + ": said more than one word");
    if (pass == "teach") {
        if (!is_word(said)) reject(feedback, "teach: no word that a parrot can learn");
        // Kept beside the next pass, for the jury.
        std::ofstream(feedback + "judgemessage.txt") << number << " as " << said << '\n';
        std::ofstream(feedback + "nextpass.in") << "hear\n" << said << '\n';
        return kAccept;
    }
    if (said != number) reject(feedback, "hear: " + said.substr(0, 20) + " instead of " + number);
    return kAccept;
}
