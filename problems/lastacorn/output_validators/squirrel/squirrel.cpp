// Plays against the program: squirrel INPUT ANSWER FEEDBACK_DIR/ < MOVES > MOVES
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

namespace {

constexpr int kAccept = 42;
constexpr int kReject = 43;

std::ofstream judge_message;

[[noreturn]] void end(int status, const std::string& why) {
    judge_message << why << '\n';
    judge_message.close();
    // No destructor may wait for a reader of what is not yet flushed.
    std::_Exit(status);
}

std::string heard() {
    std::string word;
    if (!(std::cin >> word)) end(kReject, "the program said nothing more");
    return word.substr(0, 20);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 1;
    std::signal(SIGPIPE, SIG_IGN);
    std::ifstream input(argv[1]);
    judge_message.open(std::string(argv[3]) + "judgemessage.txt");
    int acorns;
    if (!(input >> acorns)) return 1;

    std::cout << acorns << std::endl;
    const std::string choice = heard();
    if (choice != "first" && choice != "second") end(kReject, "neither `first` nor `second`: " + choice);
    for (bool ours = choice == "second"; acorns > 0; ours = !ours) {
        int taken = 0;
        if (ours) {
            // The move that wins, if there is one; else whatever the heap suggests.
            taken = acorns % 4 != 0 ? acorns % 4 : acorns / 4 % 3 + 1;
            std::cout << taken << std::endl;
        } else {
            const std::string move = heard();
            if (move != "1" && move != "2" && move != "3") end(kReject, "no move: " + move);
            taken = move[0] - '0';
            if (taken > acorns) end(kReject, "took " + move + " of " + std::to_string(acorns));
        }
        acorns -= taken;
        if (acorns == 0 && ours) end(kReject, "the other squirrel won");
    }
    end(kAccept, "the program won");
}
