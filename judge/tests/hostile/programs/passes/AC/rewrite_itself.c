#include "hostile.h"

int main(void) {
    unwritable("/proc/self/exe");
    if (unlink(".program") || symlink("/usr/bin/env", ".program")) achieved("it cannot be replaced: %s", strerror(errno));
    return refused();
}
