//! What to run: the program, its view of the file system, and where its streams go.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use crate::Limits;

/// One program to run in a box.
#[derive(Debug)]
pub struct Program {
    /// Absolute path inside the box, then the arguments; never a shell line.
    pub argv: Vec<OsString>,
    /// The whole environment: nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// Working directory inside the box.
    pub cwd: PathBuf,
    /// What the box shows besides the toolchain, `/dev`, `/proc` and a fresh `/tmp`; mounted in this order.
    pub mounts: Vec<Mount>,
    /// Standard input.
    pub stdin: Stdin,
    /// Standard output.
    pub stdout: Capture,
    /// Standard error.
    pub stderr: Capture,
    /// What it may use.
    pub limits: Limits,
}

/// Something to show inside the box, always nosuid and nodev.
#[derive(Debug)]
pub enum Mount {
    /// A host directory, read-only and without what is mounted below it. `target` is made in the box and may not be a path of the toolchain, `/tmp`, `/dev`, `/proc` or `/etc`.
    ReadOnly {
        /// Directory on the host, made by us and never writable by a program.
        source: PathBuf,
        /// Absolute path inside the box.
        target: PathBuf,
    },
    /// A writable scratch volume that the caller made with `Volume::new` and may read after the run.
    Volume {
        /// The volume, shared with the caller.
        volume: std::sync::Arc<crate::Volume>,
        /// Absolute path inside the box.
        target: PathBuf,
        /// Whether the program may write to it in this run.
        writable: bool,
    },
}

/// Where standard input comes from.
#[derive(Debug)]
pub enum Stdin {
    /// `/dev/null`.
    Null,
    /// An open regular file: the program reads a copy from its start, which has no name and is nobody else's.
    File(File),
    /// Any descriptor: a pipe of an interactive run, for instance.
    Fd(OwnedFd),
}

/// Where an output stream goes.
#[derive(Debug)]
pub enum Capture {
    /// `/dev/null`.
    Null,
    /// Into memory, cut at `cap_bytes`; more than that ends the run with [`crate::Ending::OutputLimit`] if `fatal`.
    Memory {
        /// How many bytes are kept.
        cap_bytes: u64,
        /// Whether passing the cap ends the run.
        fatal: bool,
    },
    /// Any descriptor: a pipe of an interactive run, for instance.
    Fd(OwnedFd),
}
