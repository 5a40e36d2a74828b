#include "hostile.h"

int main(void) {
    const char *folders[] = {"/tmp", "/dev/shm", ".", "/program", "/var/tmp", "/run", "/dev/mqueue"};
    for (int i = 0; i < 7; i++) {
        char path[64];
        sprintf(path, "%s/hostile-left", folders[i]);
        if (access(path, F_OK) == 0) achieved("%s is still there", path);
        int file = open(path, O_CREAT | O_WRONLY, 0666);
        if (file >= 0) write(file, "left", 4);
    }
    return refused();
}
