#include "hostile.h"

int main(void) {
    struct sockaddr_un name = {AF_UNIX, "\0hostile-left"};
    int end = socket(AF_UNIX, SOCK_STREAM, 0);
    if (!first_case()) {
        IMPOSSIBLE(connect(end, (void *)&name, sizeof name));
        return refused();
    }
    bind(end, (void *)&name, sizeof name);
    listen(end, 1);
    if (fork() == 0) {
        setsid();
        for (;;) accept(end, NULL, NULL);
    }
    return refused();
}
