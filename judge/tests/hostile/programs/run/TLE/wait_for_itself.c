#include <unistd.h>

/* The pipe never ends, because the reader also holds the other end. */
int main(void) {
    int ends[2];
    char byte;
    return pipe(ends) || read(ends[0], &byte, 1);
}
