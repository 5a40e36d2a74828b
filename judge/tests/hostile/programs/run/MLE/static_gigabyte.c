#include <string.h>

static char large[1 << 30];

int main(void) {
    memset(large, 1, sizeof large);
    return large[12345] == 0;
}
