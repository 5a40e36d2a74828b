#include "hostile.h"

int main(void) {
    refused();
    fflush(stdout);
    raise(SIGKILL);
}
