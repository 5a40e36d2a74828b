namespace own { int main() { return 0; } }
