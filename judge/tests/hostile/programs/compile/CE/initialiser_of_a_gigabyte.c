char large[1 << 30] = {1};

int main(void) { return large[1 << 29]; }
