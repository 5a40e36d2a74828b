//! The system call filter of every program.
//!
//! It starts from "allowed", because what languages need is wide, and takes away what reaches other processes, the
//! host or rarely reviewed kernel code. What is newer than our review answers `ENOSYS`, so that the C library falls
//! back to what is older. Calls in a foreign convention (x32, 32-bit) kill: no honest program makes them.

mod bpf;
mod rules;

/// Assembles the filter.
pub(crate) fn filter() -> Vec<libc::sock_filter> {
    bpf::assemble(rules::HIGHEST_REVIEWED, &rules::exceptions())
}
