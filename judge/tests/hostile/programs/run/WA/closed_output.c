#include <stdio.h>

int main(void) {
    fclose(stdout);
    puts("refused");
}
