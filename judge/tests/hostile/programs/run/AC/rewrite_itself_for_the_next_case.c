#include "hostile.h"

int main(void) {
    unwritable("/proc/self/exe");
    IMPOSSIBLE(unlink("/program/.program"));
    IMPOSSIBLE(rename("/program/.program", "/tmp/program"));
    IMPOSSIBLE(truncate("/program/.program", 0));
    IMPOSSIBLE(open("/program/new", O_CREAT | O_WRONLY, 0755));
    return refused();
}
