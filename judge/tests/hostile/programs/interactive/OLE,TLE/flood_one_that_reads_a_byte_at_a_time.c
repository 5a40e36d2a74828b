#include "hostile.h"

int main(void) {
    static char flood[1 << 20];
    puts("spell");
    fflush(stdout);
    for (;;) write(1, flood, sizeof flood);
}
