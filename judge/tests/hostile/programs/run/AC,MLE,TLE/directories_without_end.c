#include "hostile.h"

int main(void) {
    chdir("/tmp");
    for (int i = 0; i < 20000; i++)
        if (mkdir("directory-with-a-long-name", 0700) || chdir("directory-with-a-long-name")) break;
    return refused();
}
