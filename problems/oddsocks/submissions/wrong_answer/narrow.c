/* An int holds every colour, surely. */
long long odd_sock(const long long *colours, int count) {
    unsigned left = 0;
    for (int i = 0; i < count; i++) left ^= (unsigned)colours[i];
    return left;
}
