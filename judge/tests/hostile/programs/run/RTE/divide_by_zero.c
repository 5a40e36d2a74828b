int main(int count, char **arguments) {
    (void)arguments;
    volatile int zero = count - 1;
    return 1000 / zero;
}
