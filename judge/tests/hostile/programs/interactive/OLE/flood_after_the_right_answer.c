#include "hostile.h"

int main(void) {
    static char flood[1 << 16];
    refused();
    fflush(stdout);
    for (;;) write(1, flood, sizeof flood);
}
