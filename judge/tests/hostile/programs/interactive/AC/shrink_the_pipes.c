#include "hostile.h"

int main(void) {
    fcntl(0, F_SETPIPE_SZ, 4096);
    fcntl(1, F_SETPIPE_SZ, 4096);
    fcntl(0, F_SETFL, O_NONBLOCK);
    fcntl(1, F_SETFL, O_NONBLOCK);
    return refused();
}
