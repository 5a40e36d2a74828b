#include "hostile.h"

int main(void) {
    static char line[1 << 20];
    memset(line, 'x', sizeof line);
    for (;;) write(1, line, sizeof line);
}
