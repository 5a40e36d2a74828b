#include "hostile.h"

/* Under every name that could be taken for it: the next input is the validator's. */
int main(void) {
    const char *names[] = {"nextpass.in", "/tmp/nextpass.in", "../nextpass.in", "feedback/nextpass.in", "1.in"};
    mkdir("feedback", 0777);
    for (int i = 0; i < 5; i++) {
        int file = open(names[i], O_CREAT | O_WRONLY, 0666);
        if (file >= 0) write(file, "case 3\n", 7);
    }
    if (atoi(fact("case")) > 2) achieved("it wrote its own input");
    IMPOSSIBLE(ftruncate(0, 0));
    return refused();
}
