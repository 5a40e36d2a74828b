#include <stdio.h>

/* Nobody reads the first, and of the second only a part is kept. */
int main(void) {
    for (int i = 0; i < 200000; i++) puts("flood"), fputs("flood", stderr);
    return 42;
}
