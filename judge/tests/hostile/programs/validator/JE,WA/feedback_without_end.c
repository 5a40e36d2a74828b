#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    char path[4096];
    (void)count;
    snprintf(path, sizeof path, "%sjudgemessage.txt", arguments[3]);
    FILE *message = fopen(path, "w");
    while (message && fputs("endless", message) >= 0 && !ferror(message)) continue;
    return 43;
}
