/* Accepts any fair shares: notary INPUT ANSWER FEEDBACK_DIR/ < OUTPUT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPT = 42, REJECT = 43, HEIRS = 60, LONGEST = 19 };

static const char *feedback_dir;

static void reject(const char *why, ...) {
    char path[4096];
    snprintf(path, sizeof path, "%sjudgemessage.txt", feedback_dir);
    FILE *message = fopen(path, "w");
    if (message) {
        va_list arguments;
        va_start(arguments, why);
        vfprintf(message, why, arguments);
        va_end(arguments);
        fputc('\n', message);
        fclose(message);
    }
    exit(REJECT);
}

int main(int argc, char **argv) {
    if (argc < 4) return 1;
    feedback_dir = argv[3];
    FILE *input = fopen(argv[1], "r");
    int n;
    if (!input || fscanf(input, "%d", &n) != 1 || n > HEIRS) return 1;

    unsigned long long shares[HEIRS];
    unsigned __int128 chest = 0;
    char word[LONGEST + 2];
    for (int heir = 0; heir < n; heir++) {
        if (scanf("%20s", word) != 1) reject("only %d shares", heir);
        if (strlen(word) > LONGEST || strspn(word, "0123456789") != strlen(word)) reject("share %d is no number", heir + 1);
        shares[heir] = strtoull(word, NULL, 10);
        if (shares[heir] < 1 || shares[heir] > 1000000000000000000ULL) reject("share %d is out of range", heir + 1);
        for (int other = 0; other < heir; other++) {
            if (shares[other] == shares[heir]) reject("heirs %d and %d get the same", other + 1, heir + 1);
        }
        chest += shares[heir];
    }
    if (scanf("%1s", word) == 1) reject("more than %d shares", n);
    for (int heir = 0; heir < n; heir++) {
        if (chest % shares[heir] != 0) reject("%llu does not divide the chest", shares[heir]);
    }
    return ACCEPT;
}
