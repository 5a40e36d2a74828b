#include "hostile.h"

int main(void) {
    for (;;) {
        write(1, "r", 1);
        usleep(100000);
    }
}
