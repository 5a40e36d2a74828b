#include "hostile.h"

int main(void) {
    refused();
    fflush(stdout);
    for (int fd = 0; fd < 3; fd++) close(fd);
    burn();
}
