#include "hostile.h"

int main(void) {
    write(1, "refu", 4);
    raise(SIGSTOP);
    for (;;) pause();
}
