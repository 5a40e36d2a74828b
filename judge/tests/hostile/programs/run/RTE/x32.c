#include <stdio.h>
#include <unistd.h>

/* The same numbers with a bit set that a filter may overlook; 101 is ptrace. */
int main(void) { printf("called: %ld\n", syscall(0x40000000 + 101, 0, 0, 0, 0)); }
