#pragma GCC optimize("O3", "unroll-loops")
#pragma GCC target("avx2")
#pragma GCC diagnostic ignored "-Wall"
#pragma message "harmless"
#include <stdio.h>

__attribute__((constructor)) static void before(void) { puts("refused"); }

int main(void) { return 0; }
