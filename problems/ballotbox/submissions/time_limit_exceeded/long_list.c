#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ballot {
    struct ballot *next;
    char name[17];
};

/* Counts by walking the list of all the ballots so far, for every ballot. */
int main(void) {
    int n, most = 0;
    char winner[17] = "";
    struct ballot *box = NULL;
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n; i++) {
        struct ballot *ballot = malloc(sizeof *ballot);
        if (ballot == NULL || scanf("%16s", ballot->name) != 1) return 1;
        ballot->next = box;
        box = ballot;
        int count = 0;
        for (struct ballot *other = box; other != NULL; other = other->next) {
            count += strcmp(other->name, ballot->name) == 0;
        }
        if (count > most || (count == most && strcmp(ballot->name, winner) < 0)) {
            most = count;
            strcpy(winner, ballot->name);
        }
    }
    printf("%s %d\n", winner, most);
    return 0;
}
