long long odd_sock(const long long *colours, int count) {
    return 0;
}
