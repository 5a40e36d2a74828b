#include "hostile.h"

/* The way out of early containers: handles name files past every mount. */
int main(void) {
    struct { unsigned bytes; int kind; unsigned char handle[128]; } file = {128, 0, {0}};
    int mount;
    IMPOSSIBLE(syscall(SYS_name_to_handle_at, AT_FDCWD, "/usr", &file, &mount, 0));
    file.bytes = 8, file.kind = 1, file.handle[0] = 2;
    IMPOSSIBLE(syscall(SYS_open_by_handle_at, open("/usr", O_RDONLY), &file, O_RDONLY));
    IMPOSSIBLE(syscall(SYS_fanotify_init, 0, 0));
    IMPOSSIBLE(syscall(SYS_lookup_dcookie, 0L, NULL, 0));
    return refused();
}
