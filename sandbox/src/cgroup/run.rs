//! The groups of one run, on the supervisor's side: limits and accounts.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use super::{
    OutOfMemory, Version, cpu_usage, limit, open_cpu_usage, read_at, room, v1, v2, write_at,
};
use crate::wire::Expected;

/// The groups of one run, on the supervisor's side: its accounts. The keeper makes and removes them.
#[derive(Debug)]
pub(crate) struct RunGroup {
    version: Version,
    dirs: Vec<OwnedFd>,
    cpu_usage: OwnedFd,
    cpu_before: Duration,
}

impl RunGroup {
    pub(crate) fn new(
        version: Version,
        dirs: Vec<OwnedFd>,
        cpu_before: Duration,
    ) -> io::Result<RunGroup> {
        Ok(RunGroup {
            version,
            cpu_usage: open_cpu_usage(version, &dirs)?,
            dirs,
            cpu_before,
        })
    }

    /// Sets other limits than it was made with.
    pub(crate) fn limit(&self, limits: Expected) -> io::Result<()> {
        limit(self.version, &self.dirs, limits)
    }

    /// CPU time of the tree up to now, user and system.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let used = cpu_usage(self.version, &self.cpu_usage)?;
        Ok(used.saturating_sub(self.cpu_before))
    }

    /// Whether the kernel had to kill for memory.
    pub(crate) fn out_of_memory(&self) -> io::Result<OutOfMemory> {
        match self.version {
            Version::V1 { memory, .. } => v1::out_of_memory(self.dirs[memory].as_fd()),
            Version::V2 => v2::out_of_memory(self.dirs[0].as_fd()),
        }
    }

    /// The highest memory charge, without the pages of files that still sit in the cache.
    ///
    /// Such pages belong to input and toolchain: whoever reads a file first would pay for everybody. They can be
    /// evicted, so they never cause an out-of-memory kill, but they do raise the kernel's peak.
    pub(crate) fn memory_peak(&self) -> io::Result<u64> {
        match self.version {
            Version::V1 { memory, .. } => v1::memory_peak(self.dirs[memory].as_fd()),
            Version::V2 => v2::memory_peak(self.dirs[0].as_fd()),
        }
    }

    /// Whether a fork was refused that the run's own limit allowed, as far as its own group can tell.
    pub(crate) fn was_refused_from_above(&self) -> io::Result<bool> {
        room::was_refused_from_above(self.pids())
    }

    /// The most processes and threads that it held at a time; `None` where the kernel does not tell.
    pub(crate) fn peak(&self) -> Option<u64> {
        room::peak(self.pids())
    }

    fn pids(&self) -> BorrowedFd<'_> {
        match self.version {
            Version::V1 { pids, .. } => self.dirs[pids].as_fd(),
            Version::V2 => self.dirs[0].as_fd(),
        }
    }

    /// How many processes and threads it holds.
    pub(crate) fn population(&self) -> io::Result<u64> {
        let text = read_at(self.pids(), "pids.current")?;
        text.trim().parse().map_err(io::Error::other)
    }

    /// Kills at once everything inside, where the kernel can do that.
    pub(crate) fn kill(&self) {
        if self.version == Version::V2 {
            // Kernels before 5.14 lack the file; the end of the pid namespace is what counts.
            let _ = write_at(&self.dirs[0], "cgroup.kill", "1");
        }
    }
}
