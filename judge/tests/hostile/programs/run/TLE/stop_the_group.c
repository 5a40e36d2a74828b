#include "hostile.h"

int main(void) {
    if (fork() == 0) for (;;) kill(0, SIGSTOP);
    for (;;) kill(-1, SIGSTOP), kill(0, SIGSTOP);
}
