#include "hostile.h"

int main(void) {
    const char *folders[] = {"/tmp", "/dev/shm", "."};
    for (int i = 0; i < 3; i++) {
        char path[64];
        sprintf(path, "%s/hostile-left", folders[i]);
        if (access(path, F_OK) == 0) achieved("%s is still there", path);
        close(open(path, O_CREAT | O_WRONLY, 0666));
    }
    return refused();
}
