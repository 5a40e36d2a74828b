#include "hostile.h"
#include <pthread.h>

static void *start(void *none) {
    pthread_t thread;
    for (;;) pthread_create(&thread, NULL, start, NULL);
    return none;
}

int main(void) { start(NULL); }
