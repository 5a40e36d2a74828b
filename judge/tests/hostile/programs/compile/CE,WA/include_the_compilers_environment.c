/* An error message would quote it. As it seems to be empty, compilers may not even look. */
#include "/proc/self/environ"
int main(void) { return 0; }
