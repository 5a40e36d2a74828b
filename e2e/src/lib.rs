//! What the end-to-end tests stand on: real servers, and the real binaries beside them.

pub mod binaries;
pub mod broker;
pub mod certificates;
pub mod cluster;
pub mod eventually;
pub mod finished;
pub mod jury;
pub mod pauses;
pub mod process;
pub mod results;
pub mod roles;
pub mod secured;
pub mod service;
pub mod supervisor;

/// A line for whoever reads the test's output (`--nocapture`, or a failure).
#[expect(clippy::print_stderr, reason = "it is the test's own report")]
pub fn report(line: &str) {
    eprintln!("{line}");
}
