//! The probes themselves: what runs confined, in place of a program.

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use super::{EAT, FORK, LIMITS, LOOK};
use crate::sys;

/// CPU time that must show in the account.
pub(super) const SPIN: Duration = Duration::from_millis(40);

/// Runs a probe; never returns.
pub(crate) fn answer(number: u8) -> ! {
    match number {
        LOOK => look(),
        EAT => eat(),
        FORK => fork(),
        _ => sys::exit(1),
    }
}

fn look() -> ! {
    let mut found = String::new();
    let mut tell = |name: &str, value: String| found += &format!("{name}={value}\n");
    tell("pid", std::process::id().to_string());
    for name in ["pid", "mnt", "ipc", "uts", "net"] {
        let inode = fs::read_link(format!("/proc/self/ns/{name}"));
        tell(
            &format!("ns/{name}"),
            inode.map_or_else(|_| String::new(), |it| it.display().to_string()),
        );
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (name, value) in status.lines().filter_map(|line| line.split_once(':')) {
        tell(
            &format!("status/{name}"),
            value.split_whitespace().collect::<Vec<_>>().join(" "),
        );
    }
    let interfaces = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let interfaces = interfaces.lines().filter_map(|line| line.split_once(':'));
    tell(
        "interfaces",
        interfaces
            .map(|(name, _)| name.trim())
            .collect::<Vec<_>>()
            .join(" "),
    );
    for path in ["/", "/usr", "/dev", "/tmp", "/dev/shm"] {
        tell(&format!("mount{path}"), mount_flags(path));
    }
    for path in ["/dev", "/proc"] {
        tell(&format!("list{path}"), list(path));
    }
    for (name, number, arguments) in FORBIDDEN {
        tell(
            &format!("call/{name}"),
            sys::try_call(*number, *arguments).to_string(),
        );
    }
    spin();
    print(&found);
    sys::exit(0)
}

/// By its own CPU clock: on a busy host the other one runs ahead.
fn spin() {
    use rustix::time::{ClockId, clock_gettime};
    let used = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or(SPIN);
    while used() < SPIN {
        black_box(());
    }
}

/// One call for every family of the filter; each would do no harm if it were allowed.
const FORBIDDEN: &[(&str, i64, [usize; 3])] = &[
    (
        "socket inet",
        libc::SYS_socket,
        [libc::AF_INET as usize, libc::SOCK_STREAM as usize, 0],
    ),
    (
        "socket vsock",
        libc::SYS_socket,
        [libc::AF_VSOCK as usize, libc::SOCK_STREAM as usize, 0],
    ),
    (
        "socket alg",
        libc::SYS_socket,
        [libc::AF_ALG as usize, libc::SOCK_SEQPACKET as usize, 0],
    ),
    (
        "unshare",
        libc::SYS_unshare,
        [libc::CLONE_NEWUSER as usize, 0, 0],
    ),
    (
        "ptrace",
        libc::SYS_ptrace,
        [libc::PTRACE_TRACEME as usize, 0, 0],
    ),
    ("keyctl", libc::SYS_keyctl, [0, usize::MAX - 2, 0]),
    ("mount", libc::SYS_mount, [0, 0, 0]),
    ("bpf", libc::SYS_bpf, [0, 0, 0]),
    ("io_uring_setup", libc::SYS_io_uring_setup, [1, 0, 0]),
    ("clone3", libc::SYS_clone3, [0, 0, 0]),
];

fn mount_flags(path: &str) -> String {
    use rustix::fs::StatVfsMountFlags as Flags;
    let Ok(stat) = rustix::fs::statvfs(path) else {
        return "absent".to_owned();
    };
    let names = [
        (Flags::RDONLY, "ro"),
        (Flags::NOSUID, "nosuid"),
        (Flags::NODEV, "nodev"),
    ];
    let mut words: Vec<&str> = names
        .iter()
        .filter(|(flag, _)| stat.f_flag.contains(*flag))
        .map(|(_, name)| *name)
        .collect();
    if rustix::fs::statfs(path).is_ok_and(|stat| stat.f_type == libc::OVERLAYFS_SUPER_MAGIC) {
        words.push("overlay");
    }
    words.join(" ")
}

fn list(path: &str) -> String {
    let mut names: Vec<String> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names.join(" ")
}

fn eat() -> ! {
    let mut memory = vec![0u8; 4 * LIMITS.memory_bytes as usize];
    memory.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    black_box(&memory);
    sys::exit(0)
}

/// Its exit status is the number of children it got.
fn fork() -> ! {
    let mut forked = 0;
    for _ in 0..2 * LIMITS.processes {
        // SAFETY: this process has one thread.
        match unsafe { sys::plain_fork() } {
            Ok(true) => rest(),
            Ok(false) => forked += 1,
            Err(_) => break,
        }
    }
    sys::exit(forked)
}

/// Stays until the run is over.
fn rest() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn print(text: &str) {
    // A cut answer counts as a missing protection, so there is nothing to do about an error.
    let _ = rustix::io::write(rustix::stdio::stdout(), text.as_bytes());
}
