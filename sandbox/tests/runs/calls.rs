//! The system call filter refuses what it should, and languages still start threads under it.

use sandbox::Ending;

use crate::support::*;

/// A C program that makes one system call and prints `errno`, or 0.
fn errno_of(call: &str) -> String {
    format!(
        "#define _GNU_SOURCE\n#include <errno.h>\n#include <stdio.h>\n#include <sched.h>\n#include <sys/socket.h>\n\
         #include <sys/syscall.h>\n#include <unistd.h>\n#define TRY(...) {{ errno = 0; long r = syscall(__VA_ARGS__); \
         printf(\"%d \", r < 0 ? errno : 0); fflush(stdout); }}\nint main() {{ {call} }}"
    )
}

fn refusals(calls: &str) -> anyhow::Result<Vec<i32>> {
    let outcome = run(main_of(&compile(&errno_of(calls))?))?;
    assert_eq!(outcome.ending, Ending::Exited(0), "{outcome:?}");
    Ok(stdout(&outcome)
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?)
}

#[test]
fn calls_that_reach_the_host_or_other_processes_are_not_permitted() -> anyhow::Result<()> {
    let calls = [
        "SYS_unshare, CLONE_NEWUSER",
        "SYS_unshare, CLONE_NEWNS",
        "SYS_setns, 0, 0",
        "SYS_mount, 0, 0, 0, 0, 0",
        "SYS_umount2, \"/tmp\", 0",
        "SYS_fsopen, \"tmpfs\", 0",
        "SYS_open_tree, -100, \"/\", 0",
        "SYS_move_mount, -1, \"\", -1, \"\", 0",
        "SYS_mount_setattr, -1, \"\", 0, 0, 0",
        "SYS_pivot_root, \".\", \".\"",
        "SYS_chroot, \"/\"",
        "SYS_ptrace, 0, 0, 0, 0",
        "SYS_process_vm_readv, getpid(), 0, 0, 0, 0, 0",
        "SYS_process_vm_writev, getpid(), 0, 0, 0, 0, 0",
        "SYS_keyctl, 0, -3, 0",
        "SYS_add_key, \"user\", \"x\", \"y\", 1, -3",
        "SYS_request_key, \"user\", \"x\", 0, -3",
        "SYS_bpf, 0, 0, 0",
        "SYS_userfaultfd, 1",
        "SYS_perf_event_open, 0, 0, 0, 0, 0",
        "SYS_kexec_load, 0, 0, 0, 0",
        "SYS_reboot, 0, 0, 0, 0",
        "SYS_clock_settime, 0, 0",
        "SYS_swapon, \"/tmp\", 0",
        "SYS_delete_module, \"x\", 0",
        "SYS_open_by_handle_at, -1, 0, 0",
        "SYS_name_to_handle_at, -1, \"\", 0, 0, 0",
        "SYS_quotactl, 0, 0, 0, 0",
        "SYS_acct, 0",
        "SYS_syslog, 3, 0, 0",
        "438, -1, 0, 0",
        "467, -1, \"\", 0, 0, 0",
    ];
    let source: String = calls.iter().map(|call| format!("TRY({call})\n")).collect();
    for (call, errno) in calls.iter().zip(refusals(&source)?) {
        assert_eq!(errno, libc::EPERM, "{call}");
    }
    Ok(())
}

#[test]
fn a_clone_with_new_namespaces_is_not_permitted() -> anyhow::Result<()> {
    let flags = [
        "NEWUSER",
        "NEWNS",
        "NEWPID",
        "NEWNET",
        "NEWIPC",
        "NEWUTS",
        "NEWCGROUP",
    ];
    let source: String = flags
        .iter()
        .map(|flag| format!("TRY(SYS_clone, CLONE_{flag} | 17, 0, 0, 0, 0)\n"))
        .collect();
    assert_eq!(refusals(&source)?, vec![libc::EPERM; flags.len()]);
    Ok(())
}

#[test]
fn only_sockets_between_local_processes_can_be_made() -> anyhow::Result<()> {
    let families = [
        "AF_INET",
        "AF_INET6",
        "AF_NETLINK",
        "AF_PACKET",
        "AF_VSOCK",
        "AF_ALG",
        "AF_BLUETOOTH",
    ];
    let source: String = families
        .iter()
        .map(|family| format!("TRY(SYS_socket, {family}, SOCK_RAW, 0)\n"))
        .collect();
    assert_eq!(refusals(&source)?, vec![libc::EPERM; families.len()]);
    let unix = "TRY(SYS_socket, AF_UNIX, SOCK_STREAM, 0) int p[2]; TRY(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, p)";
    assert_eq!(refusals(unix)?, [0, 0]);
    Ok(())
}

#[test]
fn what_is_newer_than_the_review_is_unknown() -> anyhow::Result<()> {
    let source = "TRY(435, 0, 0) TRY(425, 1, 0) TRY(426, 0, 0, 0, 0, 0) TRY(427, 0, 0, 0, 0) TRY(470) TRY(1000)";
    assert_eq!(refusals(source)?, vec![libc::ENOSYS; 6]);
    Ok(())
}

#[cfg(target_arch = "x86_64")]
#[test]
fn calls_in_a_foreign_convention_kill() -> anyhow::Result<()> {
    for call in [
        "asm volatile(\"int $0x80\" :: \"a\"(20));",
        "syscall(0x40000000 | SYS_getpid);",
    ] {
        let outcome = run(main_of(&compile(&errno_of(call))?))?;
        assert_eq!(outcome.ending, Ending::Signaled(libc::SIGSYS), "{call}");
    }
    Ok(())
}
