#include "hostile.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static void call(const char *address, int port) {
    struct sockaddr_in to = {AF_INET, htons(port), {inet_addr(address)}, {0}};
    int kinds[] = {SOCK_STREAM, SOCK_DGRAM};
    for (int i = 0; i < 2; i++) {
        int end = socket(AF_INET, kinds[i], 0);
        if (end >= 0) achieved("a socket for %s", address);
        if (connect(end, (void *)&to, sizeof to) == 0) achieved("%s:%d answers", address, port);
        if (end >= 0) close(end);
    }
}

int main(void) {
    call("127.0.0.1", atoi(fact("port")));
    call("127.0.0.1", 9092);
    call("127.0.0.1", 5432);
    call("0.0.0.0", atoi(fact("port")));
    call("169.254.169.254", 80);
    call("224.0.0.1", 5353);
    IMPOSSIBLE(socket(AF_INET6, SOCK_STREAM, 0));
    return refused();
}
