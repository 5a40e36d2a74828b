#include <stdio.h>

static char large[1 << 30];

int main(int count, char **arguments) {
    (void)arguments;
    puts(large[count] ? "odd" : "refused");
}
