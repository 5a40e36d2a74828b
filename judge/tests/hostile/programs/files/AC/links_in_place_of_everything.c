#include "hostile.h"

/* Whoever collects, changes or removes these by name as root would be led to files of the host. */
int main(void) {
    const char *names[] = {".program", "output", "1.out", "stdout", "judgemessage.txt", "hostile-left"};
    const char *targets[] = {fact("writable"), "/etc/shadow", "../../../../../../etc/passwd", "/proc/self/root", "/dev/full"};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 5; j++) {
            unlink(names[i]);
            if (symlink(targets[j], names[i])) achieved("no link: %s", strerror(errno));
            chmod(names[i], 0777);
            lchown(names[i], getuid(), getgid());
        }
    return refused();
}
