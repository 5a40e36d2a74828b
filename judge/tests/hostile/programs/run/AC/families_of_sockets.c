#include "hostile.h"

/* AF_ALG and AF_VSOCK reach kernel code that others share; the rest is not needed. */
int main(void) {
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};
    for (int family = 0; family < 64; family++)
        for (int i = 0; i < 4 && family != AF_UNIX; i++) {
            int ends[2];
            if (socket(family, kinds[i], 0) != -1) achieved("a socket of family %d", family);
            if (socketpair(family, kinds[i], 0, ends) != -1) achieved("a pair of family %d", family);
        }
    return refused();
}
