#include "hostile.h"

/* Last of all what would hurt, if it worked. */
int main(void) {
    IMPOSSIBLE(syscall(SYS_kexec_load, 0, 0, NULL, 0));
    IMPOSSIBLE(syscall(SYS_init_module, "", 0, ""));
    IMPOSSIBLE(syscall(SYS_finit_module, 0, "", 0));
    IMPOSSIBLE(syscall(SYS_delete_module, "hostile", 0));
    IMPOSSIBLE(syscall(SYS_swapon, "/tmp/swap", 0));
    IMPOSSIBLE(syscall(SYS_acct, NULL));
    IMPOSSIBLE(syscall(SYS_syslog, 3, NULL, 0));
    IMPOSSIBLE(syscall(SYS_quotactl, 0, NULL, 0, NULL));
    IMPOSSIBLE(sethostname("hostile", 7));
    IMPOSSIBLE(syscall(SYS_setdomainname, "hostile", 7));
    IMPOSSIBLE(syscall(SYS_vhangup));
    IMPOSSIBLE(syscall(SYS_reboot, 0xfee1dead, 672274793, 0 /* switch off the keys only */, NULL));
    return refused();
}
