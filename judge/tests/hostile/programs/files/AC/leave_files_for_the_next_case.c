#include "hostile.h"

int main(void) {
    if (access("hostile-left", F_OK) == 0) achieved("its file is still there");
    int own = open(".program", O_RDONLY);
    char magic[4];
    if (read(own, magic, 4) != 4 || memcmp(magic, "\177ELF", 4)) achieved("the program was changed");
    close(own);
    int file = open("hostile-left", O_CREAT | O_WRONLY, 0666);
    if (file < 0 || write(file, "left", 4) != 4) achieved("files cannot be written where they may be");
    /* The next case has to have the program as it was. */
    if (unlink(".program") || symlink("/usr/bin/env", ".program")) achieved("it cannot be replaced: %s", strerror(errno));
    return refused();
}
