#include "hostile.h"

int main(void) {
    puts(first_case() ? "refused" : "AC");
    return 0;
}
