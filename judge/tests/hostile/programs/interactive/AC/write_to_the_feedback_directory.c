#include "hostile.h"

int main(void) {
    const char *names[] = {"judgemessage.txt", "teammessage.txt", "score.txt", "nextpass.in"};
    const char *roots[] = {"", "/proc/1/root", "/proc/self/cwd/..", "/proc/self/root/..", ".", "/tmp"};
    const char *feedback = fact("feedback");
    for (int root = 0; root < 6; root++)
        for (int name = 0; name < 4; name++) {
            char path[8192];
            snprintf(path, sizeof path, "%s%s%s", roots[root], feedback, names[name]);
            int file = open(path, O_CREAT | O_WRONLY, 0666);
            if (file >= 0) achieved("wrote %s", path);
            /* Where a program may write, the names mean nothing. */
            snprintf(path, sizeof path, "%s/%s", roots[root], names[name]);
            file = open(path, O_CREAT | O_WRONLY, 0666);
            if (file >= 0) write(file, "case 1\n", 7);
        }
    return refused();
}
