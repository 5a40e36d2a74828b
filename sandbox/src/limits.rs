//! What one run may use. There is no "off": every limit has a value.

use std::time::Duration;

/// The limits of one run, all enforced for the whole process tree together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of all processes together, user and system.
    pub cpu: Duration,
    /// Time by the clock, from the moment before exec.
    pub wall: Duration,
    /// Memory of the tree in bytes, without swap. The stack may grow up to this limit.
    pub memory_bytes: u64,
    /// Processes and threads alive at one time.
    pub processes: u32,
    /// Size of the largest file the tree may write, in bytes.
    pub file_size_bytes: u64,
    /// Open file descriptors of one process.
    pub open_files: u32,
}
