#include "hostile.h"

/* What is reserved costs nothing; Go and Java reserve far more than they use. */
int main(void) {
    if (mmap(NULL, 1UL << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED)
        puts("no room");
    return refused();
}
