//! What the end-to-end tests stand on: real servers, and the real binaries beside them.

pub mod binaries;
pub mod eventually;
pub mod kafka;
pub mod process;
