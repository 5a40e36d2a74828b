#include <stdio.h>

int main(void) {
    char pass[8];
    if (scanf("%7s", pass) != 1) return 1;
    if (pass[0] == 't') {
        unsigned long long k;
        char word[8] = "aaaaaaa";
        if (scanf("%llu", &k) != 1) return 1;
        for (int i = 6; i >= 0; i--, k /= 26) word[i] = (char)('a' + k % 26);
        puts(word);
    } else {
        unsigned long long k = 0;
        char word[8];
        if (scanf("%7s", word) != 1) return 1;
        for (int i = 0; word[i]; i++) k = k * 26 + (unsigned)(word[i] - 'a');
        printf("%llu\n", k);
    }
    return 0;
}
