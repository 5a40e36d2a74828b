#include "hostile.h"

#include <sys/shm.h>

int main(void) {
    char feedback[4096];
    snprintf(feedback, sizeof feedback, "%sinteractor", fact("feedback"));
    struct sockaddr_un name = {AF_UNIX, "\0interactor"};
    IMPOSSIBLE(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
    IMPOSSIBLE(shmget(0x1e4, 1, 0));
    const char *places[] = {"/tmp/interactor", "/dev/shm/interactor", feedback};
    for (int i = 0; i < 3; i++)
        if (access(places[i], F_OK) == 0) achieved("found %s", places[i]);
    return refused();
}
