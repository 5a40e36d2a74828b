#if __has_include("/etc/shadow") || __has_include("/root") || __has_include("/proc/1/environ") || __has_include("/sys/kernel")
#warning "the compiler sees the host"
int main(void) { __builtin_puts("seen"); }
#else
#error "nothing to see"
#endif
