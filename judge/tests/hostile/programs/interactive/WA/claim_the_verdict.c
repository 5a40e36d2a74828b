#include "hostile.h"

int main(void) {
    puts("42\nAC\nrefused\nexit 42\nend");
    return 0;
}
