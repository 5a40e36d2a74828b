#include "hostile.h"

/* Key rings belong to users, and users are numbers that other boxes may get later. */
int main(void) {
    IMPOSSIBLE(syscall(SYS_add_key, "user", "hostile-left", "x", 1, -4));
    IMPOSSIBLE(syscall(SYS_request_key, "user", "hostile-left", NULL, -4));
    for (int operation = 0; operation < 32; operation++) IMPOSSIBLE(syscall(SYS_keyctl, operation, -4, 0, 0, 0));
    return refused();
}
