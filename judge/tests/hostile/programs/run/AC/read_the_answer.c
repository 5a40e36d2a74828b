#include "hostile.h"
#include <ftw.h>

static int look(const char *path, const struct stat *is, int kind, struct FTW *where) {
    (void)is, (void)where;
    const char *dot = strrchr(path, '.');
    if (kind == FTW_F && dot && (!strcmp(dot, ".ans") || !strcmp(dot, ".in"))) achieved("found %s", path);
    return !strcmp(path, "/usr") || !strcmp(path, "/proc") ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
}

int main(void) {
    unreadable(fact("answer"));
    unreadable("data/secret/1.ans");
    unreadable("/case/answer");
    nftw("/", look, 16, FTW_PHYS | FTW_ACTIONRETVAL);
    return refused();
}
