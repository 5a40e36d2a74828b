#include "hostile.h"

int main(void) { return 43; }
