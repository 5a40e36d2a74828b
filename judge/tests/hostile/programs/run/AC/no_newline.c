#include <stdio.h>

int main(void) { printf("refused"); }
