//! Processes that share the keeper's memory: each init, and the process that will be the program, until it executes it.
//!
//! Copying a page table, faulting the copied pages in and taking all of it apart again costs more than all namespaces of a
//! run. So nothing is copied. Nobody is suspended either, as after `vfork`: keeper, inits and programs-to-be run when they
//! like, and any of them may be killed at any moment. What makes that safe:
//!
//! - **Only code of ours runs in this memory.** Exec gives the program a memory of its own.
//! - **Nobody but the keeper touches the heap**, whose state a killed process would leave half done. The others have
//!   their stacks and the buffers of their [`Room`], which nobody else uses and which are used again only after all of
//!   them are dead. What they read besides was written before they were born, and is not written as long as they live.
//! - **Nobody trusts `errno`** or anything else that libc keeps for a thread: see [`crate::call`].
//!
//! A test of this file runs programs with an allocator that ends whoever breaks the second rule.

use std::ffi::c_char;
use std::io;
use std::ops::Deref;
use std::ptr::{self, NonNull};

use crate::channel::MESSAGE_MAX;
use crate::fork::{Birth, Child};

#[cfg(test)]
mod tests;

/// Our own steps need a few KiB of it.
const STACK: usize = 256 << 10;
/// Below it, so that running over the end is a fault.
const GUARD: usize = 16 << 10;
/// As many strings as a message can hold, and the ends of two lists.
const POINTERS: usize = MESSAGE_MAX + 2;

/// Memory for the processes of one place.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) init_stack: Stack,
    pub(super) program_stack: Stack,
    /// Of [`MESSAGE_MAX`] bytes.
    message: Mapping,
    /// Of [`POINTERS`] pointers.
    pointers: Mapping,
}

impl Room {
    /// Costs address space; pages come as they are touched, and stay for the next place.
    pub(super) fn new() -> io::Result<Room> {
        Ok(Room {
            init_stack: Stack::new()?,
            program_stack: Stack::new()?,
            message: Mapping::new(MESSAGE_MAX)?,
            pointers: Mapping::new(POINTERS * size_of::<*const c_char>())?,
        })
    }

    /// Where a run is received: by init, and when that has handed it on, by the program's process.
    ///
    /// # Safety
    /// Only one of the two may have it at a time.
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller sees to it that it is the only one"
    )]
    pub(super) unsafe fn message(&self) -> &mut [u8] {
        // SAFETY: mapped in this length, and promised by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.message.base.cast().as_ptr(), MESSAGE_MAX) }
    }

    /// Where the program's process lays out the lists that exec wants.
    ///
    /// # Safety
    /// Only one may have it at a time.
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller sees to it that it is the only one"
    )]
    pub(super) unsafe fn pointers(&self) -> &mut [*const c_char] {
        // SAFETY: mapped in this length, null pointers at first, and promised by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.pointers.base.cast().as_ptr(), POINTERS) }
    }
}

/// For one child at a time.
#[derive(Debug)]
pub(super) struct Stack(Mapping);

impl Stack {
    fn new() -> io::Result<Stack> {
        let stack = Stack(Mapping::new(GUARD + STACK)?);
        // SAFETY: the lower part of what was just mapped, which nobody uses.
        if unsafe { libc::mprotect(stack.0.base.as_ptr(), GUARD, libc::PROT_NONE) } != 0 {
            return Err(io::Error::last_os_error());
        }
        #[cfg(test)]
        tests::forbid_the_heap(&stack);
        Ok(stack)
    }
}

/// Zeroed memory that stays as long as the keeper.
#[derive(Debug)]
struct Mapping {
    base: NonNull<libc::c_void>,
}

impl Mapping {
    fn new(length: usize) -> io::Result<Mapping> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping, wherever the kernel likes.
        let base = unsafe { libc::mmap(ptr::null_mut(), length, protection, flags, -1, 0) };
        match NonNull::new(base).filter(|_| base != libc::MAP_FAILED) {
            Some(base) => Ok(Mapping { base }),
            None => Err(io::Error::last_os_error()),
        }
    }
}

/// Something of the keeper's that other processes read: it stays where it is, as it is, until it is taken back.
#[derive(Debug)]
pub(super) struct Lent<T>(NonNull<T>);

impl<T> Lent<T> {
    pub(super) fn new(value: T) -> Lent<T> {
        Lent(NonNull::from(Box::leak(Box::new(value))))
    }

    /// # Safety
    /// Nobody may read it any more.
    pub(super) unsafe fn take_back(self) -> Box<T> {
        // SAFETY: it comes from a box, and is taken back once.
        unsafe { Box::from_raw(self.0.as_ptr()) }
    }
}

impl<T> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it lives until it is taken back, which takes `self`.
        unsafe { self.0.as_ref() }
    }
}

/// Starts `main(argument)` in a child that shares our memory.
///
/// # Safety
/// Nobody else may use the stack, and `argument` must stay as it is, until the child has executed something or ended. Until
/// then it must keep to the rules above.
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn fork<T>(
    stack: &Stack,
    birth: Birth<'_>,
    main: extern "C" fn(&T) -> !,
    argument: &T,
) -> io::Result<Child> {
    let mut pidfd = -1;
    let mut args = birth.arguments(&mut pidfd);
    args.flags |= libc::CLONE_VM as u64;
    args.stack = stack.0.base.as_ptr() as u64 + GUARD as u64;
    args.stack_size = STACK as u64;
    let result: isize;
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
            inlateout("rax") libc::SYS_clone3 as isize => result,
            in("rdi") &raw const args,
            in("rsi") size_of::<libc::clone_args>(),
            in("r12") argument,
            in("r13") main,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    match usize::try_from(result) {
        Ok(pid) => Ok(birth.child(pid, pidfd)),
        Err(_) => Err(io::Error::from_raw_os_error(-result as i32)),
    }
}

/// As a plain fork, where nobody has written the few instructions above.
///
/// # Safety
/// As above.
#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe fn fork<T>(
    _stack: &Stack,
    birth: Birth<'_>,
    main: extern "C" fn(&T) -> !,
    argument: &T,
) -> io::Result<Child> {
    use crate::fork::{Fork, fork};
    // SAFETY: as promised by the caller.
    match unsafe { fork(birth) }? {
        Fork::Child => main(argument),
        Fork::Parent(child) => Ok(child),
    }
}
