//! What became of a run. All of it was seen by the supervisor; nothing was told by the program.

use std::time::{Duration, Instant};

use crate::{Conditions, Phases};

/// How the program's first process ended, or which limit ended the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It exited by itself with this status.
    Exited(i32),
    /// This signal killed it, and no limit of ours was the cause.
    Signaled(i32),
    /// The kernel would not execute the file, with this `errno`: it is missing, not executable, or no program.
    ExecFailed(i32),
    /// The tree used more CPU time than allowed.
    CpuLimit,
    /// The tree was still there when the wall limit passed.
    WallLimit,
    /// The kernel's out-of-memory count of the tree's cgroup rose.
    MemoryLimit,
    /// A captured stream passed its fatal cap, or a file its size.
    OutputLimit,
    /// The caller's `Cancel` was triggered.
    Cancelled,
}

/// The measured result of one run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// CPU time of all processes of the tree, user and system.
    pub cpu: Duration,
    /// Time by the clock, from the program's exec to its end.
    pub wall: Duration,
    /// Peak memory charged to the tree, in bytes, without the cached pages of files it read.
    pub memory_peak_bytes: u64,
    /// What all processes wrote to anything, in bytes, counted where standard output is the caller's own descriptor; 0 if
    /// nobody counted. Moving pages between pipes (`splice`) is no writing.
    pub written_bytes: u64,
    /// What happened around it.
    pub conditions: Conditions,
    /// When it ended. Of two runs that talk to each other, it tells which ended first.
    pub ended: Instant,
    /// Where the time of the run went.
    pub phases: Phases,
    /// Captured standard output, cut at its cap; empty when it went elsewhere.
    pub stdout: Vec<u8>,
    /// Captured standard error, cut at its cap.
    pub stderr: Vec<u8>,
}
