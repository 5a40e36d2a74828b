#include "hostile.h"

int main(void) {
    IMPOSSIBLE(write(0, "x", 1));
    IMPOSSIBLE(ftruncate(0, 0));
    IMPOSSIBLE(fchmod(0, 0777));
    IMPOSSIBLE(fchown(0, getuid(), getgid()));
    int again = open("/proc/self/fd/0", O_RDWR);
    if (again >= 0 && write(again, "x", 1) == 1) achieved("wrote to the input");
    if (again >= 0 && ftruncate(again, 0) == 0) achieved("cut the input");
    IMPOSSIBLE(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, 0, 0));
    return refused();
}
