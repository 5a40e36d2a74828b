//! A program of a benchmark's own, as the sandbox is asked to run it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use sandbox::{Capture, Limits, Mount, Program, Stdin};

/// Where the program's folder is shown in the box.
pub(crate) const DIRECTORY: &str = "/box";

/// A run of what lies in `folder`, without any stream.
pub(crate) fn program(
    folder: &Path,
    argv: Vec<OsString>,
    (cpu, wall): (Duration, Duration),
    memory_bytes: u64,
) -> Program {
    Program {
        argv,
        env: Vec::new(),
        cwd: DIRECTORY.into(),
        mounts: vec![Mount::ReadOnly {
            source: folder.to_owned(),
            target: DIRECTORY.into(),
        }],
        stdin: Stdin::Null,
        stdout: Capture::Null,
        stderr: Capture::Null,
        limits: Limits {
            cpu,
            wall,
            memory_bytes,
            processes: 4,
            file_size_bytes: 1 << 20,
            open_files: 16,
        },
    }
}
