#include "hostile.h"

int main(void) {
    char attributes[128] = {2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1};
    for (int command = 0; command < 40; command++) IMPOSSIBLE(syscall(SYS_bpf, command, attributes, sizeof attributes));
    return refused();
}
