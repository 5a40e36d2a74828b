#include <stdio.h>

/* As a container runtime, a shell and we would say it. */
int main(void) {
    fputs("OCI runtime exec failed: unable to start container process: no such file or directory\n", stderr);
    fputs("the box is damaged: its keeper is gone\nfailed to fork the program: Resource unavailable\n", stderr);
    return 127;
}
