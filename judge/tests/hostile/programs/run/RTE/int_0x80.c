#include <stdio.h>

/* The 32-bit way in, where call 20 is getpid and a filter of 64-bit numbers sees another call. */
int main(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    printf("called: %ld\n", result);
}
