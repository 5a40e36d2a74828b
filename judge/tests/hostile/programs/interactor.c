/* The jury's part of the multi-pass and of the interactive problem. It tells what an attacker would like to know, lays
   out what is found by whoever shares more with it than two pipes, and hears one line. `refused` is the right answer,
   in each of two passes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const places[] = {"/tmp/interactor", "/dev/shm/interactor"};
static struct shm *segment;
static int caller;

struct shm {
    char word[16];
};

static void write_all(int file, const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(file, text, length);
        if (written < 0) exit(1);
        text += written;
        length -= written;
    }
}

static void leave(const char *folder, const char *name, const char *text, size_t length) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s", folder, name);
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0666);
    write_all(file, text, length);
    close(file);
}

static void lay_out(const char *feedback) {
    umask(0);
    for (int i = 0; i < 2; i++) leave("", places[i], "mine", 4);
    leave(feedback, "interactor", "mine", 4);
    struct sockaddr_un name = {AF_UNIX, "\0interactor"};
    caller = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(caller, (void *)&name, sizeof name) || listen(caller, 1)) exit(1);
    segment = shmat(shmget(0x1e4, sizeof *segment, IPC_CREAT | 0666), NULL, 0);
    strcpy(segment->word, "mine");
}

/* Why the program is not alone with its pipes, or NULL. */
static const char *visited(void) {
    for (int i = 0; i < 2; i++) {
        char text[16] = "";
        int file = open(places[i], O_RDONLY);
        if (read(file, text, sizeof text - 1) < 0 || strcmp(text, "mine")) return places[i];
        close(file);
    }
    if (strcmp(segment->word, "mine")) return "shared memory";
    if (accept(caller, NULL, NULL) >= 0) return "a call";
    return NULL;
}

/* The first line of what the program says, without its end. */
static size_t hear(char *line, size_t size) {
    size_t heard = 0;
    while (heard < size && !memchr(line, '\n', heard)) {
        ssize_t more = read(0, line + heard, size - heard);
        if (more < 0) exit(1);
        if (more == 0) return heard;
        heard += more;
    }
    char *end = memchr(line, '\n', heard);
    return end ? (size_t)(end - line) : heard;
}

/* Hears as long as anything is said, as many interactors do: until its memory, or its time, is used up. */
static void hear_without_end(int keeps_it) {
    enum { chunk = 1 << 16 };
    static char byte;
    for (ssize_t more = 1; more > 0;)
        more = keeps_it ? read(0, malloc(chunk), chunk) : read(0, &byte, 1);
}

int main(int count, char **arguments) {
    static char facts[1 << 16], next[1 << 16], line[4096];
    if (count < 4) return 1;
    const char *feedback = arguments[3];
    int input = open(arguments[1], O_RDONLY);
    ssize_t length = read(input, facts, sizeof facts / 2);
    if (length <= 0) return 1;
    lay_out(feedback);
    length += sprintf(facts + length, "feedback %s\ninteractor %d\nend\n", feedback, getpid());
    write_all(1, facts, length);
    size_t heard = hear(line, sizeof line);
    if (heard == 5 && !memcmp(line, "hoard", 5)) hear_without_end(1);
    if (heard == 5 && !memcmp(line, "spell", 5)) hear_without_end(0);
    const char *visitor = visited();
    /* A last word, for which there has to be room. */
    write_all(1, "heard\n", 6);
    if (visitor) {
        leave(feedback, "judgemessage.txt", visitor, strlen(visitor));
        return 43;
    }
    if (heard != 7 || memcmp(line, "refused", 7)) {
        leave(feedback, "judgemessage.txt", line, heard < 200 ? heard : 200);
        return 43;
    }
    if (strncmp(facts, "case 1\n", 7)) return 42;
    int tail = snprintf(next, sizeof next, "case 2%s", facts + 6);
    /* Without what it adds itself. */
    char *added = strstr(next, "\nfeedback ");
    leave(feedback, "nextpass.in", next, added ? (size_t)(added + 1 - next) : (size_t)tail);
    return 42;
}
