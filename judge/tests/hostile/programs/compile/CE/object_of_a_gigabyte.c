__asm__(".data\nlarge: .fill 1073741824, 1, 7\n");

int main(void) { return 0; }
