#include "hostile.h"

/* Whoever has the descriptor speaks for the program. */
int main(void) {
    int ends[2], word = 1;
    char room[CMSG_SPACE(sizeof word)] = "", byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    int child = fork();
    if (child == 0) {
        close(1);
        setsid();
        if (recvmsg(ends[1], &message, 0) != 1) _exit(1);
        memcpy(&word, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof word);
        dup2(word, 100);
        write(100, "refused\n", 8);
        _exit(0);
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){CMSG_LEN(sizeof word), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &word, sizeof word);
    sendmsg(ends[0], &message, 0);
    waitpid(child, NULL, 0);
    return 0;
}
