#include "hostile.h"

int main(void) {
    for (int fd = 3; fd < 1024; fd++) {
        if (write(fd, "AC", 2) != -1) achieved("wrote to descriptor %d", fd);
        if (fcntl(fd, F_GETFD) != -1) achieved("descriptor %d is open", fd);
    }
    return refused();
}
