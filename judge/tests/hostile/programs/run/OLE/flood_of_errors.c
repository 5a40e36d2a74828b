#include <stdio.h>

int main(void) {
    static char buffer[1 << 14];
    setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
    for (;;) fputs("flood", stderr);
}
