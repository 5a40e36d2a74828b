/* Compilers show the line of the file that they are told an error is in. */
#line 1 "/etc/shadow"
int main(void) { return nothing; }
#line 2 "/proc/1/environ"
int other(void) { return nothing; }
