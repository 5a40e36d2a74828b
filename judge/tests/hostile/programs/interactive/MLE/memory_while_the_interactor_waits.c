#include "hostile.h"

int main(void) {
    fact("case");
    for (;;) memset(malloc(1 << 20), 1, 1 << 20);
}
