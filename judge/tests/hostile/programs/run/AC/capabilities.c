#include "hostile.h"

int main(void) {
    char text[8192] = "";
    read(open("/proc/self/status", O_RDONLY), text, sizeof text - 1);
    const char *sets[] = {"CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapBnd:\t", "CapAmb:\t"};
    for (int i = 0; i < 5; i++) {
        char *set = strstr(text, sets[i]);
        if (!set || strtoull(set + strlen(sets[i]), NULL, 16)) achieved("%s%.16s", sets[i], set ? set + strlen(sets[i]) : "?");
    }
    for (int capability = 0; capability < 41; capability++) IMPOSSIBLE(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
    if (getgroups(0, NULL)) achieved("groups");
    return refused();
}
