#include "hostile.h"

int main(void) {
    static char flood[1 << 16];
    for (;;) write(2, flood, sizeof flood);
}
