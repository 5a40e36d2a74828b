#include "hostile.h"

int main(void) {
    for (long number = 470; number < 1100; number++) {
        if (syscall(number, 0, 0, 0, 0, 0, 0) != -1 || errno != ENOSYS) achieved("system call %ld is known", number);
    }
    return refused();
}
