#include "hostile.h"

int main(void) {
    for (int i = 0; i < 200000; i++) {
        char name[32];
        sprintf(name, "/tmp/%d", i);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file < 0) return refused();
        close(file);
    }
    achieved("two hundred thousand files");
}
