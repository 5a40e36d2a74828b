#include <stdio.h>

int main(void) { fwrite("refused\0\0\0", 1, 10, stdout); }
