#include "hostile.h"
#include <pthread.h>

static void *work(void *none) {
    burn();
    return none;
}

int main(void) {
    pthread_t thread;
    for (int i = 0; i < 8; i++) pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
}
