#include <stdio.h>

int main(void) {
    puts("refused");
    return 42;
}
