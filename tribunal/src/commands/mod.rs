//! What the binary can be told to do: each command has its arguments and its `execute` in one file.

pub(crate) mod demo;
pub(crate) mod dlq;
mod moment;
pub(crate) mod problems;
pub(crate) mod rejudge;
pub(crate) mod topics;
pub(crate) mod up;

use std::future::Future;
use std::io::Write;

/// Exit status: what was asked about is not as it should be.
const REFUSED: u8 = 1;
/// Exit status: an error, as for wrong usage.
pub(crate) const ERROR: u8 = 2;
/// Exit status: it could not be done, and it was not the caller's doing.
const FAILED: u8 = 3;

/// Runs one command's asynchronous part.
fn block_on<F: Future>(future: F) -> anyhow::Result<F::Output> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    Ok(runtime.enable_all().build()?.block_on(future))
}

/// Writes a line to standard output; a reader that has gone away is not our concern.
pub(crate) fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes a line to standard error, for people.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
