#include "hostile.h"

/* Nothing of the evaluator's environment: it may hold passwords. */
int main(void) {
    extern char **environ;
    const char *known[] = {"PATH=", "HOME=", "LC_ALL=", "LANG=", "TZ="};
    for (char **variable = environ; *variable; variable++) {
        int expected = 0;
        for (int i = 0; i < 5; i++) expected |= !strncmp(*variable, known[i], strlen(known[i]));
        if (!expected) achieved("%s", *variable);
    }
    unreadable("/proc/1/environ");
    return refused();
}
