#include <stdio.h>
#include <string.h>

enum { SLOTS = 4096 };
static char names[SLOTS][17];
static int counts[SLOTS];

static unsigned slot_of(const char *name) {
    unsigned hash = 2166136261u;
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    hash %= SLOTS;
    while (counts[hash] != 0 && strcmp(names[hash], name) != 0) hash = (hash + 1) % SLOTS;
    return hash;
}

int main(void) {
    int n;
    char name[17];
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) {
        if (scanf("%16s", name) != 1) return 1;
        unsigned slot = slot_of(name);
        if (counts[slot]++ == 0) strcpy(names[slot], name);
    }
    int best = -1;
    for (int slot = 0; slot < SLOTS; slot++) {
        if (counts[slot] == 0) continue;
        if (best < 0 || counts[slot] > counts[best] ||
            (counts[slot] == counts[best] && strcmp(names[slot], names[best]) < 0)) {
            best = slot;
        }
    }
    printf("%s %d\n", names[best], counts[best]);
    return 0;
}
