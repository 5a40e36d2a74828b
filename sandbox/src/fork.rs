//! Forks: what a child is born with.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use crate::call::call;

/// `clone3` flag that libc's `c_int` constants cannot hold.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Where `fork` returned.
pub(crate) enum Fork {
    Child,
    Parent(Child),
}

/// A child that was born.
pub(crate) struct Child {
    pub(crate) pid: i32,
    /// Means the child; there if it was asked for.
    pub(crate) pidfd: Option<OwnedFd>,
}

/// How a child is born.
#[derive(Clone, Copy, Default)]
pub(crate) struct Birth<'a> {
    pub(crate) namespaces: i32,
    /// A v2 cgroup to be born in.
    pub(crate) cgroup: Option<BorrowedFd<'a>>,
    pub(crate) with_pidfd: bool,
}

impl Birth<'_> {
    /// For `clone3`, which puts the descriptor into `pidfd`.
    pub(crate) fn arguments(self, pidfd: &mut i32) -> libc::clone_args {
        // SAFETY: `clone_args` is plain data, and zero is "nothing" for every field.
        let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
        args.flags = self.namespaces as u64;
        args.exit_signal = libc::SIGCHLD as u64;
        if self.with_pidfd {
            args.flags |= libc::CLONE_PIDFD as u64;
            args.pidfd = std::ptr::from_mut(pidfd) as u64;
        }
        if let Some(cgroup) = self.cgroup {
            args.flags |= CLONE_INTO_CGROUP;
            args.cgroup = cgroup.as_raw_fd() as u64;
        }
        args
    }

    /// The child, from what `clone3` has answered.
    pub(crate) fn child(self, pid: usize, pidfd: i32) -> Child {
        Child {
            pid: pid as i32,
            // SAFETY: the kernel has just made this descriptor for us.
            pidfd: self
                .with_pidfd
                .then(|| unsafe { OwnedFd::from_raw_fd(pidfd) }),
        }
    }
}

/// Forks: the child goes on with a copy of all memory.
///
/// # Safety
/// The process must be single-threaded: the copy has all locks as they are.
pub(crate) unsafe fn fork(birth: Birth<'_>) -> io::Result<Fork> {
    let mut pidfd = -1;
    let args = birth.arguments(&mut pidfd);
    let arguments = [&raw const args as usize, size_of::<libc::clone_args>()];
    // SAFETY: without a stack and CLONE_VM this is a fork; the arguments live until it returns.
    let pid = unsafe { call(libc::SYS_clone3, arguments) }?;
    Ok(match pid {
        0 => Fork::Child,
        _ => Fork::Parent(birth.child(pid, pidfd)),
    })
}
