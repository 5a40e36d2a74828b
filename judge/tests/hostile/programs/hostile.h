/* What hostile programs have in common: they say what they achieved, and `refused` when that is nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int achievements;

static inline void achieved(const char *format, ...) {
    va_list rest;
    va_start(rest, format);
    vprintf(format, rest);
    va_end(rest);
    putchar('\n');
    fflush(stdout);
    achievements++;
}

/* For the end of main. */
static inline int refused(void) {
    if (!achievements) puts("refused");
    return 0;
}

/* All that an interactor tells, up to its last line: it waits then. */
static inline void listen_to_all(char *text, size_t size) {
    for (size_t got = 0; got < size && !strstr(text, "\nend\n");) {
        ssize_t more = read(0, text + got, size - got);
        if (more <= 0) exit(1);
        got += more;
    }
}

/* What the test tells: lines of a name and a value on standard input. */
static inline const char *fact(const char *name) {
    static char text[1 << 16], value[1 << 12];
    if (!text[0] && pread(0, text, sizeof text - 1, 0) < 0) {
        if (errno != ESPIPE) exit(1);
        listen_to_all(text, sizeof text - 1);
    }
    size_t length = strlen(name);
    for (char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (!strncmp(line, name, length) && line[length] == ' ') {
            sscanf(line + length + 1, "%4000[^\n]", value);
            return value;
        }
    exit(1);
}

static inline int first_case(void) { return atoi(fact("case")) == 1; }

/* A call that must fail. */
#define IMPOSSIBLE(...) do { if ((long)(__VA_ARGS__) != -1) achieved("%s", #__VA_ARGS__); } while (0)

/* A file that must not be there, or not for us. */
static inline void unreadable(const char *path) {
    int file = open(path, O_RDONLY | O_NONBLOCK);
    char byte;
    if (file >= 0 && read(file, &byte, 1) == 1) achieved("read %s", path);
    if (file >= 0) close(file);
}

static inline void unwritable(const char *path) {
    int file = open(path, O_WRONLY | O_NONBLOCK);
    if (file >= 0) achieved("opened %s for writing", path);
    if (file >= 0) close(file);
}

/* Uses the processor. */
static inline void burn(void) {
    for (volatile unsigned long i = 0;;) i++;
}
