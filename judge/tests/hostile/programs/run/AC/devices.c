#include "hostile.h"
#include <sys/sysmacros.h>

int main(void) {
    IMPOSSIBLE(mknod("/tmp/memory", S_IFCHR | 0666, makedev(1, 1)));
    IMPOSSIBLE(mknod("/tmp/disk", S_IFBLK | 0666, makedev(254, 0)));
    IMPOSSIBLE(mknod("/dev/hostile-left", S_IFCHR | 0666, makedev(1, 3)));
    DIR *dev = opendir("/dev");
    for (struct dirent *entry; (entry = readdir(dev));)
        if (entry->d_type == DT_CHR && !strstr("null zero full random urandom", entry->d_name)) achieved("/dev/%s", entry->d_name);
    /* Entropy may be stirred by anybody, and counted by nobody but root. */
    int random = open("/dev/random", O_RDWR), count = 0;
    IMPOSSIBLE(ioctl(random, 0x40045201 /* RNDADDTOENTCNT */, &count));
    IMPOSSIBLE(ioctl(random, 0x5206 /* RNDCLEARPOOL */));
    return refused();
}
