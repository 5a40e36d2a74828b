#include "hostile.h"

int main(void) {
    signal(SIGCHLD, SIG_DFL);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) burn();
    for (;;) pause();
}
