long long odd_sock(const long long *colours, int count) {
    long long left = 0;
    for (int i = 0; i < count; i++) left ^= colours[i];
    return left;
}
