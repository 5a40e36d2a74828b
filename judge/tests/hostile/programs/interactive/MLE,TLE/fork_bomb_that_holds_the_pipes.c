#include "hostile.h"

int main(void) {
    fact("case");
    for (;;) fork();
}
