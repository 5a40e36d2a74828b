//! What each protection is, how it shows, and what to do when it does not.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use super::{LIMITS, inside::SPIN};

/// What the probes brought to light.
pub(crate) struct Evidence {
    pub(super) uid: u32,
    pub(super) found: HashMap<String, String>,
    pub(super) cpu: Duration,
    pub(super) memory_held: bool,
    pub(super) swap_is_limited: bool,
    pub(super) forked: Option<i32>,
}

/// A protection and the test for it.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) advice: &'static str,
    /// Whether the sandbox can work without it, if an operator says so.
    pub(crate) can_be_waived: bool,
    pub(crate) test: fn(&Evidence) -> Result<(), String>,
}

const fn check(
    name: &'static str,
    test: fn(&Evidence) -> Result<(), String>,
    advice: &'static str,
) -> Check {
    Check {
        name,
        advice,
        can_be_waived: false,
        test,
    }
}

const RIGHTS: &str = "give the evaluator CAP_SYS_ADMIN, and let its seccomp and AppArmor profiles allow mounts and namespaces";
const GROUPS: &str = "mount the control groups writable, with memory, pids and (on v1) cpuacct; without root, \
     start the evaluator in a group of its own on v2, as by systemd-run --user --scope -p Delegate=yes";
const KERNEL: &str = "use Linux 5.19 or later with namespaces, seccomp filters and overlayfs";

/// What has to work before anything can be tried.
pub(crate) const PRIVILEGES: &str = "privileges";
pub(crate) const CONTROL_GROUPS: &str = "control-groups";
pub(crate) const BOX: &str = "box";

/// Every protection, in the order of a report; the first three are tried by getting as far as the others.
pub(crate) const CHECKS: &[Check] = &[
    check(
        PRIVILEGES,
        |_| Ok(()),
        "start the evaluator as root, or as a user with ranges in /etc/subuid and /etc/subgid and the package uidmap: \
         every box has a user of its own",
    ),
    check(CONTROL_GROUPS, |_| Ok(()), GROUPS),
    check(BOX, |_| Ok(()), RIGHTS),
    check("memory-limit", memory_limit, GROUPS),
    check("process-limit", process_limit, GROUPS),
    check("cpu-account", cpu_account, GROUPS),
    Check {
        can_be_waived: true,
        ..check(
            "swap-off",
            swap_off,
            "turn swap off (swapoff -a), or boot with swapaccount=1",
        )
    },
    check("pid-namespace", pid_namespace, RIGHTS),
    check("mount-namespace", |it| it.other_namespace("mnt"), RIGHTS),
    check("ipc-namespace", |it| it.other_namespace("ipc"), RIGHTS),
    check("uts-namespace", |it| it.other_namespace("uts"), RIGHTS),
    check("network-namespace", network_namespace, RIGHTS),
    check("read-only-root", read_only_root, RIGHTS),
    check(
        "private-devices",
        private_devices,
        "give the evaluator CAP_MKNOD",
    ),
    check("hidden-processes", hidden_processes, KERNEL),
    Check {
        can_be_waived: true,
        ..check("private-file-locks", private_file_locks, KERNEL)
    },
    check(
        "own-user",
        own_user,
        "give the evaluator CAP_SETUID and CAP_SETGID",
    ),
    check(
        "no-capabilities",
        no_capabilities,
        "give the evaluator CAP_SETPCAP",
    ),
    check(
        "no-new-privileges",
        |it| it.is("status/NoNewPrivs", "1"),
        KERNEL,
    ),
    check("system-call-filter", system_call_filter, KERNEL),
];

impl Evidence {
    fn of(&self, name: &str) -> &str {
        self.found.get(name).map_or("", String::as_str)
    }

    fn is(&self, name: &str, expected: &str) -> Result<(), String> {
        let found = self.of(name);
        expect(found == expected, || {
            format!("{name} is `{found}`, not `{expected}`")
        })
    }

    fn other_namespace(&self, kind: &str) -> Result<(), String> {
        let inside = self.of(&format!("ns/{kind}"));
        let ours = fs::read_link(format!("/proc/self/ns/{kind}")).unwrap_or_default();
        let shared = inside.is_empty() || ours.as_os_str() == inside;
        expect(!shared, || format!("programs are in our {kind} namespace"))
    }
}

fn expect(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

fn memory_limit(it: &Evidence) -> Result<(), String> {
    expect(it.memory_held, || {
        "a program got four times its memory".to_owned()
    })
}

fn process_limit(it: &Evidence) -> Result<(), String> {
    let most = LIMITS.processes as i32 - 1;
    expect(it.forked == Some(most), || {
        format!(
            "a program that may have {most} children got {:?}",
            it.forked
        )
    })
}

fn cpu_account(it: &Evidence) -> Result<(), String> {
    expect(it.cpu >= SPIN / 2, || {
        format!("{SPIN:?} of work was accounted as {:?}", it.cpu)
    })
}

fn swap_off(it: &Evidence) -> Result<(), String> {
    // The first line is a heading.
    let swaps = fs::read_to_string("/proc/swaps").map_err(|error| error.to_string())?;
    expect(it.swap_is_limited || swaps.lines().count() <= 1, || {
        "there is swap, and no limit on it".to_owned()
    })
}

fn pid_namespace(it: &Evidence) -> Result<(), String> {
    it.is("pid", "2")?;
    it.other_namespace("pid")
}

fn network_namespace(it: &Evidence) -> Result<(), String> {
    it.other_namespace("net")?;
    it.is("interfaces", "lo")
}

fn read_only_root(it: &Evidence) -> Result<(), String> {
    it.is("mount/", "ro nosuid nodev")?;
    let usr = it.of("mount/usr");
    expect(usr.starts_with("ro nosuid nodev"), || {
        format!("/usr is mounted `{usr}`")
    })?;
    it.is("mount/tmp", "nosuid nodev")?;
    it.is("mount/dev/shm", "nosuid nodev")
}

fn private_devices(it: &Evidence) -> Result<(), String> {
    it.is("mount/dev", "ro nosuid")?;
    it.is(
        "list/dev",
        "fd full null random shm stderr stdin stdout urandom zero",
    )
}

fn hidden_processes(it: &Evidence) -> Result<(), String> {
    let seen = it.of("list/proc");
    let processes = seen.split(' ').filter(|name| name.parse::<u32>().is_ok());
    let others = processes.filter(|&name| name != "2").count();
    expect(others == 0 && !seen.is_empty(), || {
        format!("/proc shows `{seen}`")
    })
}

fn private_file_locks(it: &Evidence) -> Result<(), String> {
    expect(it.of("mount/usr").ends_with("overlay"), || {
        "locks on files of the toolchain reach other boxes".to_owned()
    })
}

fn own_user(it: &Evidence) -> Result<(), String> {
    let (uid, all) = (it.uid, format!("{0} {0} {0} {0}", it.uid));
    expect(uid != 0, || "the user is root".to_owned())?;
    it.is("status/Uid", &all)?;
    it.is("status/Gid", &all)?;
    it.is("status/Groups", "")
}

fn no_capabilities(it: &Evidence) -> Result<(), String> {
    ["Inh", "Prm", "Eff", "Bnd", "Amb"]
        .iter()
        .try_for_each(|set| it.is(&format!("status/Cap{set}"), "0000000000000000"))
}

fn system_call_filter(it: &Evidence) -> Result<(), String> {
    it.is("status/Seccomp", "2")?;
    let refused = libc::EPERM.to_string();
    for name in [
        "socket inet",
        "socket vsock",
        "socket alg",
        "unshare",
        "ptrace",
        "keyctl",
        "mount",
        "bpf",
    ] {
        it.is(&format!("call/{name}"), &refused)?;
    }
    let unknown = libc::ENOSYS.to_string();
    it.is("call/io_uring_setup", &unknown)?;
    it.is("call/clone3", &unknown)
}
