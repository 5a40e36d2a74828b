#include "hostile.h"

int main(void) {
    for (;;) puts("42");
}
