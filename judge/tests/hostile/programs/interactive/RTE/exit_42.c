#include "hostile.h"

int main(void) {
    refused();
    return 42;
}
