#include "hostile.h"

/* Whoever opens them waits for ever; whoever removes them by plain names fails. */
int main(void) {
    unlink(".program");
    mkfifo(".program", 0666);
    mkfifo("output", 0666);
    struct sockaddr_un name = {AF_UNIX, "hostile-left"};
    bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name);
    mkdir("judgemessage.txt", 0);
    mkdir("folder", 0700);
    mkdir("folder/folder", 0700);
    mkfifo("folder/folder/pipe", 0);
    chmod("folder/folder", 0);
    chmod("folder", 0);
    return refused();
}
