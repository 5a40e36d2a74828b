//! Which system calls a program may not make, and how they are refused.

use super::bpf::Verdict;

/// Every number up to this one was looked at (Linux 6.17: `file_setattr`).
pub(super) const HIGHEST_REVIEWED: u32 = 469;

/// Refused as if the kernel were older: callers have a fallback.
const UNKNOWN: &[i64] = &[
    // Its flags are behind a pointer, out of our sight; glibc falls back to `clone`.
    libc::SYS_clone3,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_memfd_secret,
];

/// Refused with `EPERM`, by what they reach.
const FORBIDDEN: &[i64] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_move_pages,
    libc::SYS_migrate_pages,
    // Namespaces and mounts.
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    STATMOUNT,
    LISTMOUNT,
    OPEN_TREE_ATTR,
    // Files by handle, past every mount.
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_lookup_dcookie,
    // Key rings belong to a user id, not to a namespace.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // Kernel code that few programs need and many exploits do.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_vhangup,
    libc::SYS_nfsservctl,
    // Other slots' cores: where a slot has one of its own, its programs stay there.
    libc::SYS_sched_setaffinity,
    // The host.
    libc::SYS_acct,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
];

#[cfg(target_arch = "x86_64")]
const FORBIDDEN_HERE: &[i64] = &[
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_ustat,
    libc::SYS_sysfs,
    libc::SYS__sysctl,
];
#[cfg(not(target_arch = "x86_64"))]
const FORBIDDEN_HERE: &[i64] = &[];

// Newer than libc's tables; these numbers are the same on every architecture.
const STATMOUNT: i64 = 457;
const LISTMOUNT: i64 = 458;
const OPEN_TREE_ATTR: i64 = 467;

/// Every number that is not simply allowed.
pub(super) fn exceptions() -> Vec<(u32, Verdict)> {
    let namespaces = libc::CLONE_NEWNS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET;
    let refuse = |errno: i32| move |&number: &i64| (number as u32, Verdict::Errno(errno as u16));
    let only_unix = Verdict::UnlessFirstIs(libc::AF_UNIX as u32, libc::EPERM as u16);
    let mut all = vec![
        (
            libc::SYS_clone as u32,
            Verdict::IfFirstHas(namespaces as u32, libc::EPERM as u16),
        ),
        (libc::SYS_socket as u32, only_unix),
        (libc::SYS_socketpair as u32, only_unix),
    ];
    all.extend(UNKNOWN.iter().map(refuse(libc::ENOSYS)));
    all.extend(FORBIDDEN.iter().map(refuse(libc::EPERM)));
    all.extend(FORBIDDEN_HERE.iter().map(refuse(libc::EPERM)));
    all.sort_by_key(|&(number, _)| number);
    all
}

#[cfg(test)]
mod tests {
    use super::super::bpf::tests::judge_native;
    use super::*;

    #[test]
    fn no_call_has_two_rules_and_none_is_beyond_the_review() {
        let all = exceptions();
        assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(all.iter().all(|&(number, _)| number <= HIGHEST_REVIEWED));
    }

    #[test]
    fn the_real_filter_decides_every_number_by_its_own_rule() {
        let (all, program) = (exceptions(), super::super::filter());
        for number in 0..=HIGHEST_REVIEWED + 9 {
            let expected = match all.iter().find(|one| one.0 == number) {
                Some((_, Verdict::Errno(error))) => libc::SECCOMP_RET_ERRNO | u32::from(*error),
                Some((_, Verdict::IfFirstHas(..))) => libc::SECCOMP_RET_ALLOW,
                Some((_, Verdict::UnlessFirstIs(_, error))) => {
                    libc::SECCOMP_RET_ERRNO | u32::from(*error)
                }
                None if number > HIGHEST_REVIEWED => libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32,
                None => libc::SECCOMP_RET_ALLOW,
            };
            assert_eq!(judge_native(&program, number), expected, "number {number}");
        }
        assert!(program.len() < 160, "{} instructions", program.len());
    }
}
