#include "pairing.h"

long long pair_off(long long left, long long sock) {
    return left ^ sock;
}
