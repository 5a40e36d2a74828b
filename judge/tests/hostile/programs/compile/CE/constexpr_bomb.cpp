constexpr unsigned spin(unsigned n) {
    unsigned sum = 0;
    for (unsigned i = 0; i < 4000000000u; i++) sum = sum * 31 + n + i;
    return sum;
}

static_assert(spin(7) == 1);

int main() {}
