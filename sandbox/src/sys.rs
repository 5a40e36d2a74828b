//! System calls that `rustix` does not wrap: forking, mount attributes, seccomp, exec.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

use rustix::time::ClockId;

/// Where `fork` returned.
pub(crate) enum Fork {
    Child,
    Parent { pid: i32, pidfd: OwnedFd },
}

/// `clone3` flag that libc's `c_int` constants cannot hold.
pub(crate) const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Forks with new namespaces, and into a v2 cgroup if one is given.
///
/// # Safety
/// The process must be single-threaded: the child continues with a copy of all locks.
pub(crate) unsafe fn fork(namespaces: i32, cgroup: Option<BorrowedFd<'_>>) -> io::Result<Fork> {
    let mut pidfd: i32 = -1;
    // SAFETY: `clone_args` is plain data, and zero is "nothing" for every field.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = (libc::CLONE_PIDFD | namespaces) as u64;
    args.pidfd = &raw mut pidfd as u64;
    args.exit_signal = libc::SIGCHLD as u64;
    if let Some(cgroup) = cgroup {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = cgroup.as_raw_fd() as u64;
    }
    // SAFETY: without a stack and CLONE_VM this is a fork; the arguments live until it returns.
    let pid = check(unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw const args,
            size_of::<libc::clone_args>(),
        )
    })?;
    if pid == 0 {
        return Ok(Fork::Child);
    }
    Ok(Fork::Parent {
        pid: pid as i32,
        // SAFETY: the kernel has just made this descriptor for us.
        pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) },
    })
}

/// Gives the calling thread namespaces of its own.
pub(crate) fn unshare(namespaces: i32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    check(unsafe { libc::unshare(namespaces) }.into()).map(drop)
}

/// The mount namespace of a process.
pub(crate) fn mount_namespace(pidfd: &OwnedFd) -> io::Result<OwnedFd> {
    /// `PIDFD_GET_MNT_NAMESPACE`, `_IO(0xFF, 3)`.
    const GET_MOUNT_NAMESPACE: libc::Ioctl = 0xFF03;
    // SAFETY: this request takes no argument.
    let fd = check(unsafe { libc::ioctl(pidfd.as_raw_fd(), GET_MOUNT_NAMESPACE, 0) }.into())?;
    // SAFETY: the kernel has just made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Adds attributes (`MOUNT_ATTR_*`) to a mount, and with `recursive` to all below it.
pub(crate) fn mount_setattr(mount: BorrowedFd<'_>, set: u64, recursive: bool) -> io::Result<()> {
    let attr = libc::mount_attr {
        attr_set: set,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let recursive = if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is a C string and `attr` outlives the call.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | recursive,
            &raw const attr,
            size_of::<libc::mount_attr>(),
        )
    })
    .map(drop)
}

/// Puts every signal back to its default action: a parent's ignored signals survive exec.
pub(crate) fn reset_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL runs no code of ours. The few signals that cannot be set stay at their default anyway.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Has no fork of this process copy these mappings. Whether it works is nobody's concern but a clock's.
pub(crate) fn keep_out_of_forks(start: usize, length: usize) {
    // SAFETY: the mappings themselves stay as they are.
    unsafe { libc::madvise(start as *mut libc::c_void, length, libc::MADV_DONTFORK) };
}

/// Calls `prctl` with one argument.
pub(crate) fn prctl(option: i32, argument: u64) -> io::Result<()> {
    // SAFETY: used only with options that take a plain number.
    check(unsafe { libc::prctl(option, argument, 0, 0, 0) }.into()).map(drop)
}

/// Loads a seccomp filter for this thread and its children; needs `no_new_privs`.
pub(crate) fn load_filter(filter: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program during the call and does not write to it.
    check(unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            &raw const program,
        )
    })
    .map(drop)
}

/// Replaces this process; returns only on failure.
pub(crate) fn execve(path: &CStr, argv: &[CString], env: &[CString]) -> io::Error {
    let pointers = |strings: &[CString]| -> Vec<*const libc::c_char> {
        let each = strings.iter().map(|one| one.as_ptr());
        each.chain([ptr::null()]).collect()
    };
    let (argv, env) = (pointers(argv), pointers(env));
    // SAFETY: both arrays end with a null pointer and point to C strings that outlive the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    io::Error::last_os_error()
}

/// Makes descriptor `number` another one for `fd`, kept over exec.
pub(crate) fn dup_to(fd: &OwnedFd, number: i32) -> io::Result<()> {
    // SAFETY: callers name the standard streams of a process that is about to exec.
    check(unsafe { libc::dup2(fd.as_raw_fd(), number) }.into()).map(drop)
}

/// Closes one descriptor. Its owner must not use or drop it any more.
pub(crate) fn close(fd: BorrowedFd<'_>) -> io::Result<()> {
    let fd = fd.as_raw_fd() as u32;
    close_range(fd, fd)
}

/// Closes every descriptor from `first` on, but for `kept`.
pub(crate) fn close_from(first: u32, kept: BorrowedFd<'_>) -> io::Result<()> {
    let kept = kept.as_raw_fd() as u32;
    close_range(first, kept.saturating_sub(1))?;
    close_range(first.max(kept + 1), u32::MAX)
}

/// Closes every descriptor but those in `kept`. It allocates nothing.
pub(crate) fn close_all_but<const N: usize>(kept: [BorrowedFd<'_>; N]) -> io::Result<()> {
    let mut kept = kept.map(|fd| fd.as_raw_fd() as u32);
    kept.sort_unstable();
    let mut first = 0;
    for one in kept {
        if one > first {
            close_range(first, one - 1)?;
        }
        first = one + 1;
    }
    close_range(first, u32::MAX)
}

/// Closes every descriptor from `first` to `last`, if there are any.
///
/// Their owners must not use or drop them any more.
pub(crate) fn close_range(first: u32, last: u32) -> io::Result<()> {
    if first > last {
        return Ok(());
    }
    // SAFETY: used where a process begins, or right before exec, exit or a wait that needs no descriptors.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) }).map(drop)
}

/// Makes a system call to see how it is refused: its `errno`, or 0.
pub(crate) fn try_call(number: i64, [a, b, c]: [i64; 3]) -> i32 {
    // SAFETY: probes pass numbers and null pointers only.
    match check(unsafe { libc::syscall(number, a, b, c, 0, 0, 0) }) {
        Ok(_) => 0,
        Err(error) => error.raw_os_error().unwrap_or(-1),
    }
}

/// Forks as a program would; whether this is the child.
///
/// # Safety
/// The process must be single-threaded.
pub(crate) unsafe fn plain_fork() -> io::Result<bool> {
    // SAFETY: as above.
    check(unsafe { libc::fork() }.into()).map(|pid| pid == 0)
}

/// What this process has used up to now.
pub(crate) fn own_usage() -> libc::rusage {
    // SAFETY: `rusage` is plain data, and the kernel only writes to it.
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    }
}

/// CPU time of whoever used that, to the microsecond.
pub(crate) fn cpu_of(usage: &libc::rusage) -> Duration {
    [usage.ru_utime, usage.ru_stime]
        .iter()
        .map(|time| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1_000))
        .sum()
}

/// Waits until any child is dead and leaves it unburied; its pid.
pub(crate) fn wait_for_dead() -> io::Result<i32> {
    // SAFETY: `siginfo_t` is plain data; after success it is one of a child.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WEXITED | libc::WNOWAIT;
        check(libc::waitid(libc::P_ALL, 0, &raw mut info, options).into())?;
        Ok(info.si_pid())
    }
}

/// Whether there are children, alive or unburied.
pub(crate) fn has_children() -> bool {
    // SAFETY: `siginfo_t` is plain data, and the kernel only writes to it.
    let looked = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WEXITED | libc::WNOWAIT | libc::WNOHANG;
        check(libc::waitid(libc::P_ALL, 0, &raw mut info, options).into())
    };
    looked.map_or_else(|error| error.raw_os_error() != Some(libc::ECHILD), |_| true)
}

/// Buries a dead child: its wait status, and what it and all that it waited for have used.
pub(crate) fn bury(pid: i32) -> io::Result<(i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: `rusage` is plain data, and the kernel only writes to it and to the status.
    unsafe {
        let mut usage = std::mem::zeroed();
        check(libc::wait4(pid, &raw mut status, 0, &raw mut usage).into())?;
        Ok((status, usage))
    }
}

/// Kills every process of this pid namespace but its first, which must be the caller.
///
/// Whether it could: in a container without `CAP_KILL` they are another user's, and only our own end ends them.
pub(crate) fn kill_all() -> bool {
    use rustix::thread::{CapabilitySet, capabilities};
    // By the right and not by the answer: that is "done" also where nobody could be killed.
    let may = capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::KILL));
    // SAFETY: no memory is involved. Anybody but an init would kill the host.
    unsafe {
        if may && libc::getpid() == 1 {
            libc::kill(-1, libc::SIGKILL);
        }
    }
    may
}

/// From now on SIGTERM makes this process, the first of its pid namespace, kill every other.
pub(crate) fn kill_all_on_request() -> io::Result<()> {
    extern "C" fn on_request(_: i32) {
        if !kill_all() {
            exit(0);
        }
    }
    // SAFETY: the handler makes system calls only, which may be made in a handler.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_request as *const () as usize;
        check(libc::sigaction(libc::SIGTERM, &raw const action, ptr::null_mut()).into()).map(drop)
    }
}

/// The monotonic clock, in which all processes of a host agree.
pub(crate) fn clock() -> Duration {
    let time = rustix::time::clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Ends this process without running anything that was registered for its end.
pub(crate) fn exit(status: i32) -> ! {
    // SAFETY: it does not return, so nothing can observe a broken invariant.
    unsafe { libc::_exit(status) }
}

fn check(result: i64) -> io::Result<i64> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
