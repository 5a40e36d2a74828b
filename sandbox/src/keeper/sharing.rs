//! A fork that copies no memory: the child shares ours until it executes something.
//!
//! Copying a page table, and taking the copy apart again at exec, costs as much as all namespaces of a run. As after
//! `vfork` only one of the two may run at a time, but here nobody is suspended: both must take turns by themselves. While
//! one works, the other must sit in a system call, and it may do nothing between two of them that touches the heap.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use crate::sys;

/// Our own steps need a few KiB of it.
const SIZE: usize = 256 << 10;
/// Below it, so that running over the end is a fault.
const GUARD: usize = 16 << 10;

/// A stack for a child; one at a time, and only in a copy of the process that made it.
pub(super) struct Stack {
    base: *mut libc::c_void,
}

impl Stack {
    pub(super) fn new() -> io::Result<Stack> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping, wherever the kernel likes.
        let base = unsafe { libc::mmap(ptr::null_mut(), GUARD + SIZE, protection, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the lower part of what was just mapped, which nobody uses.
        if unsafe { libc::mprotect(base, GUARD, libc::PROT_NONE) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Stack { base })
    }
}

/// Starts `main(argument)` in a child that shares our memory, inside a v2 cgroup if one is given; returns its pid.
///
/// # Safety
/// The process must be single-threaded, nobody else may use the stack, and `argument` must stay valid until the child has executed
/// something or ended. Until then the two must take turns, as said above.
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn fork<T>(
    stack: &Stack,
    cgroup: Option<BorrowedFd<'_>>,
    main: extern "C" fn(&T) -> !,
    argument: &T,
) -> io::Result<i32> {
    // SAFETY: `clone_args` is plain data, and zero is "nothing" for every field.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = libc::CLONE_VM as u64;
    args.exit_signal = libc::SIGCHLD as u64;
    args.stack = stack.base as u64 + GUARD as u64;
    args.stack_size = SIZE as u64;
    if let Some(cgroup) = cgroup {
        args.flags |= sys::CLONE_INTO_CGROUP;
        args.cgroup = cgroup.as_raw_fd() as u64;
    }
    let result: i64;
    // SAFETY: the child begins on the empty stack, calls `main` there, and never comes back. For us it is a system call that
    // keeps every register but those named.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") libc::SYS_clone3 => result,
            in("rdi") &raw const args,
            in("rsi") size_of::<libc::clone_args>(),
            in("r12") argument,
            in("r13") main,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    match i32::try_from(result) {
        Ok(pid) if pid > 0 => Ok(pid),
        _ => Err(io::Error::from_raw_os_error((-result) as i32)),
    }
}

/// As a plain fork, where nobody has written the few instructions above.
///
/// # Safety
/// As above.
#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe fn fork<T>(
    _stack: &Stack,
    cgroup: Option<BorrowedFd<'_>>,
    main: extern "C" fn(&T) -> !,
    argument: &T,
) -> io::Result<i32> {
    // SAFETY: as promised by the caller.
    match unsafe { sys::fork(0, cgroup) }? {
        sys::Fork::Child => main(argument),
        sys::Fork::Parent { pid, .. } => Ok(pid),
    }
}
