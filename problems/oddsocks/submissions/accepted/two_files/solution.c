#include "pairing.h"

long long odd_sock(const long long *colours, int count) {
    long long left = 0;
    for (int i = 0; i < count; i++) left = pair_off(left, colours[i]);
    return left;
}
