#include "hostile.h"

int main(void) {
    const char *files[] = {"/usr/bin/env", "/usr/bin/su", "/etc/passwd", "/proc/self/exe", "/dev/null", "/proc/self/fd/0"};
    for (int i = 0; i < 6; i++) {
        IMPOSSIBLE(linkat(AT_FDCWD, files[i], AT_FDCWD, "hostile-left", AT_SYMLINK_FOLLOW));
        IMPOSSIBLE(linkat(AT_FDCWD, files[i], AT_FDCWD, "/tmp/hostile-left", AT_SYMLINK_FOLLOW));
    }
    int own = open("own", O_CREAT | O_RDWR, 0600);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        sprintf(name, "own%d", i);
        if (link("own", name)) break;
    }
    close(own);
    return refused();
}
