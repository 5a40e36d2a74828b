//! System calls that `rustix` does not wrap: mount attributes, seccomp, exec, waiting.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::Duration;

use rustix::time::ClockId;

use crate::call::call;

/// Gives the calling thread namespaces of its own.
pub(crate) fn unshare(namespaces: i32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    unsafe { call(libc::SYS_unshare, [namespaces as usize]) }.map(drop)
}

/// The mount namespace of a process.
pub(crate) fn mount_namespace(pidfd: &OwnedFd) -> io::Result<OwnedFd> {
    /// `PIDFD_GET_MNT_NAMESPACE`, `_IO(0xFF, 3)`.
    const GET_MOUNT_NAMESPACE: usize = 0xFF03;
    // SAFETY: this request takes no argument.
    let fd = unsafe { call(libc::SYS_ioctl, [raw(pidfd), GET_MOUNT_NAMESPACE]) }?;
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
    unsafe {
        call(
            libc::SYS_mount_setattr,
            [
                raw(&mount),
                c"".as_ptr() as usize,
                (libc::AT_EMPTY_PATH | recursive) as usize,
                &raw const attr as usize,
                size_of::<libc::mount_attr>(),
            ],
        )
    }
    .map(drop)
}

/// Puts every signal back to its default action: a parent's ignored signals survive exec.
pub(crate) fn reset_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL runs no code of ours. The few signals that cannot be set stay at their default anyway.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Calls `prctl` with one argument.
pub(crate) fn prctl(option: i32, argument: u64) -> io::Result<()> {
    // SAFETY: used only with options that take a plain number.
    unsafe { call(libc::SYS_prctl, [option as usize, argument as usize]) }.map(drop)
}

/// Loads a seccomp filter for this thread and its children; needs `no_new_privs`.
pub(crate) fn load_filter(filter: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_ptr().cast_mut(),
    };
    let mode = libc::SECCOMP_SET_MODE_FILTER as usize;
    // SAFETY: the kernel copies the program during the call and does not write to it.
    unsafe { call(libc::SYS_seccomp, [mode, 0, &raw const program as usize]) }.map(drop)
}

/// Replaces this process; returns only on failure.
///
/// # Safety
/// Both lists must be of C strings and end with a null pointer.
pub(crate) unsafe fn execve(
    path: &CStr,
    argv: *const *const libc::c_char,
    env: *const *const libc::c_char,
) -> io::Error {
    let arguments = [path.as_ptr() as usize, argv as usize, env as usize];
    // SAFETY: as promised by the caller.
    match unsafe { call(libc::SYS_execve, arguments) } {
        Ok(_) => io::Error::from_raw_os_error(libc::EIO),
        Err(error) => error,
    }
}

/// Makes descriptor `number` another one for `fd`, kept over exec.
pub(crate) fn dup_to(fd: &OwnedFd, number: usize) -> io::Result<()> {
    // SAFETY: callers name the standard streams of a process that is about to exec.
    unsafe { call(libc::SYS_dup3, [raw(fd), number, 0]) }.map(drop)
}

/// Closes one descriptor. Its owner must not use or drop it any more.
pub(crate) fn close(fd: BorrowedFd<'_>) -> io::Result<()> {
    close_number(fd.as_raw_fd())
}

/// As above, of one that has no owner here.
pub(crate) fn close_number(fd: RawFd) -> io::Result<()> {
    close_range(fd as u32, fd as u32)
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
    unsafe { call(libc::SYS_close_range, [first as usize, last as usize]) }.map(drop)
}

/// Makes a system call to see how it is refused: its `errno`, or 0.
pub(crate) fn try_call(number: i64, arguments: [usize; 3]) -> i32 {
    // SAFETY: probes pass numbers and null pointers only.
    match unsafe { call(number, arguments) } {
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
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(pid == 0),
    }
}

/// What this process has used up to now.
pub(crate) fn own_usage() -> libc::rusage {
    // SAFETY: `rusage` is plain data, and the kernel only writes to it.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let who = libc::RUSAGE_SELF as usize;
        // It has nothing to refuse here.
        let _ = call(libc::SYS_getrusage, [who, &raw mut usage as usize]);
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
    next_dead(libc::WEXITED | libc::WNOWAIT)
}

/// Lets whoever may look at this memory's processes look at them, or forbids it.
pub(crate) fn show_processes(shown: bool) -> io::Result<()> {
    prctl(libc::PR_SET_DUMPABLE, shown.into())
}

/// Whether there are children, alive or unburied.
pub(crate) fn has_children() -> bool {
    next_dead(libc::WEXITED | libc::WNOWAIT | libc::WNOHANG)
        .map_or_else(|error| error.raw_os_error() != Some(libc::ECHILD), |_| true)
}

fn next_dead(options: i32) -> io::Result<i32> {
    // SAFETY: `siginfo_t` is plain data; after success it is one of a child, or still zero.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let (all, info_at) = (libc::P_ALL as usize, &raw mut info as usize);
        call(libc::SYS_waitid, [all, 0, info_at, options as usize])?;
        Ok(info.si_pid())
    }
}

/// Buries a dead child: its wait status, and what it and all that it waited for have used.
pub(crate) fn bury(pid: i32) -> io::Result<(i32, libc::rusage)> {
    let mut status = 0i32;
    // SAFETY: `rusage` is plain data, and the kernel only writes to it and to the status.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let (status_at, usage_at) = (&raw mut status as usize, &raw mut usage as usize);
        call(libc::SYS_wait4, [pid as usize, status_at, 0, usage_at])?;
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
            let everybody = -1i32 as usize;
            let _ = call(libc::SYS_kill, [everybody, libc::SIGKILL as usize]);
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
        match libc::sigaction(libc::SIGTERM, &raw const action, ptr::null_mut()) {
            0 => Ok(()),
            // Of a signal that cannot be caught, which this is not.
            _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
        }
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

fn raw(fd: &impl AsRawFd) -> usize {
    fd.as_raw_fd() as usize
}
