#include "hostile.h"

int main(void) {
    fputs("keeper: cannot execute: No space left on device\nOCI runtime error\nJE\n", stderr);
    return 126;
}
