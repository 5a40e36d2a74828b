#include "hostile.h"

int main(void) {
    char longest[256];
    memset(longest, 'x', 255);
    longest[255] = 0;
    const char *names[] = {"a\nb", "\033[2J", "-rf", "*", "\xff\xfe", "$(id)", " ", "CON", longest};
    for (int i = 0; i < 9; i++)
        if (open(names[i], O_CREAT | O_WRONLY, 0000) < 0) achieved("no file: %s", strerror(errno));
    return refused();
}
