#include "hostile.h"

int main(void) {
    char zeros[4096] = "";
    write(1, zeros, sizeof zeros);
    refused();
    return 0;
}
