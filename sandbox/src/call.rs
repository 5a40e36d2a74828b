//! System calls that leave libc's `errno` alone.
//!
//! Processes that share memory share `errno` too. What goes wrong in one must not be told to another as its own, so all
//! calls of ours are made here or by `rustix`, which makes them in the same way.

use std::io;

/// Makes a system call; arguments that are left out are zero.
///
/// # Safety
/// Whatever the call does to memory must be allowed.
#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn call<const N: usize>(number: i64, arguments: [usize; N]) -> io::Result<usize> {
    let argument = |index| arguments.get(index).copied().unwrap_or(0);
    let result: isize;
    // SAFETY: the caller answers for what it does; of the registers it changes those named.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") argument(0),
            in("rsi") argument(1),
            in("rdx") argument(2),
            in("r10") argument(3),
            in("r8") argument(4),
            in("r9") argument(5),
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    match usize::try_from(result) {
        Ok(result) => Ok(result),
        Err(_) => Err(io::Error::from_raw_os_error(-result as i32)),
    }
}

/// As above, where nobody has written that instruction, and no memory is shared.
///
/// # Safety
/// As above.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) unsafe fn call<const N: usize>(number: i64, arguments: [usize; N]) -> io::Result<usize> {
    let argument = |index| arguments.get(index).copied().unwrap_or(0);
    let [a, b, c, d, e, f] = std::array::from_fn(argument);
    // SAFETY: the caller answers for what it does.
    match unsafe { libc::syscall(number, a, b, c, d, e, f) } {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_an_answer_and_an_error_says_which() -> io::Result<()> {
        // SAFETY: no memory is involved.
        unsafe {
            assert_eq!(call(libc::SYS_getpid, [])?, std::process::id() as usize);
            let refused = call(libc::SYS_close, [usize::MAX]).map_err(|error| error.raw_os_error());
            assert_eq!(refused, Err(Some(libc::EBADF)));
        }
        Ok(())
    }
}
