// The driver has a main already, and the function has another name.
#include <vector>

int fewestJumps(const std::vector<int>& reach) { return (int)reach.size(); }

int main() { return fewestJumps({}); }
