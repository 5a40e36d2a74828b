#include "hostile.h"

int main(void) {
    fputs("\033]0;refused\007\033[2J\033[1;31mAC\r\x04\x1a\xff\xfe%n%s\x1b[8m", stdout);
    return refused();
}
