//! Control groups: limits and accounts of one run, on v1 and on v2.
//!
//! Layout, the same in every hierarchy in use: `tribunal/` (ours, shared by all evaluators of the host) holds one
//! directory for each box, named after its owner so that nobody removes a living one's; it holds one group for each
//! run, made fresh, because peaks and cached pages stick to a group. All work is done relative to open directories.
//!
//! **Invariant:** nothing outside of `tribunal/` is written, but what v2 needs above it: `cgroup.subtree_control`, and a
//! group `supervisor` that takes us out of the way.

mod discover;
mod files;
mod owner;
mod v1;
mod v2;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use files::{
    children, field, make_dir, make_new_dir, open_at, read_at, remove_patiently, write_at,
};

pub(crate) use discover::discover;
pub(crate) use owner::Owner;

use crate::wire::Attach;
use crate::{Limits, SandboxError, error::Context};

/// Which interface the kernel offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Memory, pids and cpuacct in up to three hierarchies; the numbers are indices into the directories.
    V1 {
        memory: usize,
        pids: usize,
        cpuacct: usize,
    },
    /// One hierarchy.
    V2,
}

/// Our directory in every hierarchy in use.
#[derive(Debug)]
pub(crate) struct Parents {
    pub(crate) version: Version,
    pub(crate) dirs: Vec<OwnedFd>,
}

/// Out-of-memory events of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutOfMemory {
    /// Processes that the kernel killed.
    pub(crate) kills: u64,
    /// Whether the group's own limit was reached, or else the whole host ran out.
    pub(crate) limit_reached: bool,
}

impl Parents {
    /// Makes the directory of a box.
    pub(crate) fn make_box(&self, name: &str) -> Result<BoxGroup, SandboxError> {
        // One of an earlier box that could not be removed then has no limits to trust.
        remove_box(&self.dirs, name).context(format!("remove control group {name}"))?;
        let mut dirs = Vec::new();
        for parent in &self.dirs {
            let dir = make_new_dir(parent, name).context(format!("make control group {name}"))?;
            if self.version == Version::V2 {
                v2::delegate(dir.as_fd()).context("hand controllers to a control group")?;
            }
            dirs.push(dir);
        }
        Ok(BoxGroup {
            version: self.version,
            dirs,
            runs: 0,
        })
    }
}

/// Removes a box's directories and the run groups in them, as far as they are empty.
pub(crate) fn remove_box<Fd: AsFd>(parents: &[Fd], name: &str) -> io::Result<()> {
    for parent in parents {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let dir = match rustix::fs::openat(parent, name, flags, Mode::empty()) {
            Ok(dir) => dir,
            Err(rustix::io::Errno::NOENT) => continue,
            Err(error) => return Err(error.into()),
        };
        for run in children(&dir)? {
            remove_patiently(&dir, &run)?;
        }
        remove_patiently(parent, name)?;
    }
    Ok(())
}

/// The directories of one box.
#[derive(Debug)]
pub(crate) struct BoxGroup {
    version: Version,
    dirs: Vec<OwnedFd>,
    runs: u64,
}

impl BoxGroup {
    /// Whether the kernel keeps a swap account; where it does, every run's limit is set.
    pub(crate) fn limits_swap(&self) -> bool {
        let (dir, file) = match self.version {
            Version::V1 { memory, .. } => (&self.dirs[memory], v1::SWAP_LIMIT),
            Version::V2 => (&self.dirs[0], v2::SWAP_LIMIT),
        };
        open_at(dir, file, OFlags::RDONLY).is_ok()
    }

    /// Makes fresh groups for one run, with its limits set.
    pub(crate) fn new_run(&mut self, limits: &Limits) -> Result<RunGroup<'_>, SandboxError> {
        let name = self.runs.to_string();
        self.runs += 1;
        let mut group = RunGroup {
            version: self.version,
            parents: &self.dirs,
            dirs: Vec::new(),
            doors: Vec::new(),
            cpu_usage: None,
            name,
        };
        group
            .make(limits)
            .context("make the control groups of a run")?;
        Ok(group)
    }
}

/// The groups of one run; removed at the latest when dropped.
#[derive(Debug)]
pub(crate) struct RunGroup<'a> {
    version: Version,
    parents: &'a [OwnedFd],
    dirs: Vec<OwnedFd>,
    /// What the keeper needs to put the program in: `cgroup.procs` files, or the directory itself.
    doors: Vec<OwnedFd>,
    cpu_usage: Option<OwnedFd>,
    name: String,
}

impl RunGroup<'_> {
    fn make(&mut self, limits: &Limits) -> io::Result<()> {
        for parent in self.parents {
            self.dirs.push(make_new_dir(parent, &self.name)?);
        }
        match self.version {
            Version::V1 {
                memory,
                pids,
                cpuacct,
            } => {
                v1::limit(self.dirs[memory].as_fd(), self.dirs[pids].as_fd(), limits)?;
                self.cpu_usage = Some(open_at(&self.dirs[cpuacct], v1::CPU_USAGE, OFlags::RDONLY)?);
                for dir in &self.dirs {
                    self.doors
                        .push(open_at(dir, "cgroup.procs", OFlags::WRONLY)?);
                }
            }
            Version::V2 => {
                v2::limit(self.dirs[0].as_fd(), limits)?;
                self.cpu_usage = Some(open_at(&self.dirs[0], v2::CPU_USAGE, OFlags::RDONLY)?);
                self.doors.push(self.dirs[0].try_clone()?);
            }
        }
        Ok(())
    }

    /// How the program enters, and the descriptors it takes.
    pub(crate) fn doors(&self) -> (Attach, impl Iterator<Item = BorrowedFd<'_>>) {
        let attach = match self.version {
            Version::V1 { .. } => Attach::Write(self.doors.len() as u8),
            Version::V2 => Attach::Fork,
        };
        (attach, self.doors.iter().map(AsFd::as_fd))
    }

    /// CPU time of the tree up to now, user and system.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        let file = self.cpu_usage.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let mut buffer = [0; 1024];
        let length = rustix::io::pread(file, &mut buffer, 0)?;
        let text = String::from_utf8_lossy(&buffer[..length]);
        match self.version {
            Version::V1 { .. } => v1::cpu(&text),
            Version::V2 => v2::cpu(&text),
        }
        .ok_or_else(|| io::Error::other("the CPU account of a control group cannot be read"))
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

    /// Kills at once everything inside, where the kernel can do that.
    pub(crate) fn kill(&self) {
        if self.version == Version::V2 {
            // Kernels before 5.14 lack the file; the end of the pid namespace is what counts.
            let _ = self
                .dirs
                .first()
                .map(|dir| write_at(dir, "cgroup.kill", "1"));
        }
    }

    /// Removes the groups. The kernel refuses that while anything lives in them, so success proves them empty.
    pub(crate) fn remove(mut self) -> io::Result<()> {
        self.remove_dirs()
    }

    /// Leaves it to whoever removes the box: something may still be alive in it.
    pub(crate) fn abandon(mut self) {
        self.kill();
        self.dirs.clear();
    }

    fn remove_dirs(&mut self) -> io::Result<()> {
        self.doors.clear();
        self.cpu_usage = None;
        let made = self.dirs.len();
        self.dirs.clear();
        for parent in &self.parents[..made] {
            remove_patiently(parent, &self.name)?;
        }
        Ok(())
    }
}

impl Drop for RunGroup<'_> {
    fn drop(&mut self) {
        self.kill();
        if let Err(error) = self.remove_dirs() {
            tracing::warn!(%error, group = self.name, "failed to remove the control groups of a run");
        }
    }
}
