//! How this binary becomes a keeper, whatever binary it is.
//!
//! An evaluator has many threads, and a process with threads must not go on after a plain fork: the child would own
//! locks that nobody releases. So each box is kept by a small process with one thread: our own binary, executed again
//! under another `argv[0]`. A separate program would have to be found, shipped and kept at the same version; a call in
//! `main` would be missing in every test binary and benchmark. The loader runs the functions of `.init_array` before
//! `main`, so one entry there diverts a process that was started as a keeper, in every binary that links this crate.
//!
//! Before `main` Rust's runtime is not set up, and nothing here relies on it: files, memory and processes go straight
//! to the C library, there is one thread, and the process leaves without returning.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// `argv[0]` of a keeper: what `ps` shows.
const NAME: &str = "tribunal-box";

#[used]
// SAFETY: the section holds pointers to functions that the loader calls once each, with one thread.
#[unsafe(link_section = ".init_array")]
static DIVERT: extern "C" fn() = divert;

extern "C" fn divert() {
    let command_line = std::fs::read("/proc/self/cmdline").unwrap_or_default();
    if command_line.split(|&byte| byte == 0).next() == Some(NAME.as_bytes()) {
        crate::keeper::main();
    }
}

/// Starts a keeper that talks over `socket`, its standard input.
pub(crate) fn start_keeper(socket: OwnedFd) -> io::Result<Child> {
    Command::new("/proc/self/exe")
        .arg0(NAME)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .spawn()
}
