#include "hostile.h"

int main(void) {
    for (int fd = 3; fd < 1024; fd++)
        if (write(fd, "42", 2) != -1 || fcntl(fd, F_GETFD) != -1) achieved("descriptor %d is open", fd);
    IMPOSSIBLE(write(0, "42", 2));
    char byte;
    IMPOSSIBLE(read(1, &byte, 1));
    IMPOSSIBLE(fchmod(0, 0));
    IMPOSSIBLE(fchmod(1, 0));
    IMPOSSIBLE(fchown(1, getuid(), -1));
    return refused();
}
