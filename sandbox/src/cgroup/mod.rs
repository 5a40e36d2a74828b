//! Control groups: limits and accounts of one run, on v1 and on v2.
//!
//! Layout, the same in every hierarchy in use: `tribunal/` (ours, shared by all evaluators of the host) holds one
//! directory for each box, named after its owner so that nobody removes a living one's. Where memory is accounted, it
//! holds one group for each run, made fresh, because peaks and cached pages stick to a group. All work is done relative
//! to open directories.
//!
//! **Invariant:** nothing outside of `tribunal/` is written, but what v2 needs above it: `cgroup.subtree_control`, and a
//! group `supervisor` that takes us out of the way.

mod discover;
mod files;
mod owner;
mod quota;
mod room;
mod run;
mod v1;
mod v2;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use files::{
    ancestors, children, field, make_dir, make_new_dir, open_at, read_at, remove_patiently,
    write_at,
};

pub(crate) use discover::discover;
pub(crate) use owner::Owner;
pub(crate) use quota::{Quotas, Throttling};
pub(crate) use room::{Above, Room};
pub(crate) use run::RunGroup;

use crate::wire::Expected;
use crate::{SandboxError, error::Context};

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

/// How many places a box can have at a time: one in use, and the next.
pub(crate) const PLACES: usize = 2;

/// The directories of one box.
#[derive(Debug)]
pub(crate) struct BoxGroup {
    version: Version,
    dirs: Vec<OwnedFd>,
    runs: u64,
}

impl BoxGroup {
    /// Opens what [`Parents::make_box`] made.
    pub(crate) fn open(version: Version, parents: &[OwnedFd], name: &str) -> io::Result<BoxGroup> {
        let open = |parent| open_at(parent, name, OFlags::RDONLY | OFlags::DIRECTORY);
        let group = BoxGroup {
            version,
            dirs: parents.iter().map(open).collect::<io::Result<_>>()?,
            runs: 0,
        };
        for (index, dir) in group.dirs.iter().enumerate() {
            for place in (0..PLACES).filter(|_| !group.is_fresh(index)) {
                make_new_dir(dir, &place.to_string())?;
            }
        }
        Ok(group)
    }

    /// Whether the kernel keeps a swap account; where it does, every run's limit is set.
    pub(crate) fn limits_swap(&self) -> bool {
        let (dir, file) = match self.version {
            Version::V1 { memory, .. } => (&self.dirs[memory], v1::SWAP_LIMIT),
            Version::V2 => (&self.dirs[0], v2::SWAP_LIMIT),
        };
        open_at(dir, file, OFlags::RDONLY).is_ok()
    }

    /// Makes fresh groups for one run, with limits that may be changed until it begins.
    pub(crate) fn make_run(&mut self, expected: Expected) -> io::Result<FreshGroup> {
        let mut group = FreshGroup {
            version: self.version,
            name: self.runs.to_string(),
            dirs: Vec::new(),
            cpu_before: Duration::ZERO,
        };
        self.runs += 1;
        let made = self.fill(&mut group, expected);
        if made.is_err() {
            // Nothing has entered it. What remains is removed with the box.
            let _ = self.remove_dirs(&group.name);
        }
        made.map(|()| group)
    }

    fn fill(&self, group: &mut FreshGroup, expected: Expected) -> io::Result<()> {
        for (index, parent) in self.dirs.iter().enumerate() {
            group.dirs.push(match self.is_fresh(index) {
                true => make_new_dir(parent, &group.name)?,
                false => self.reused(index, parent, expected)?,
            });
        }
        limit(self.version, &group.dirs, expected)?;
        group.cpu_before = cpu_usage(self.version, open_cpu_usage(self.version, &group.dirs)?)?;
        Ok(())
    }

    /// The group of the run before the last one; or a new one, where that one's counts would be taken for this run's.
    fn reused(&self, index: usize, parent: &OwnedFd, expected: Expected) -> io::Result<OwnedFd> {
        let name = (self.runs % PLACES as u64).to_string();
        let group = open_at(parent, &name, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let counts_processes = matches!(self.version, Version::V1 { pids, .. } if pids == index);
        if !counts_processes || !room::is_worn(group.as_fd(), expected.processes)? {
            return Ok(group);
        }
        remove_patiently(parent, &name)?;
        make_new_dir(parent, &name)
    }

    /// Whether every run has a group of its own in this hierarchy. Peaks and cached pages stick to a memory group. Counts
    /// of processes and CPU time hardly do: there the places of a box use as many groups on v1, in turn.
    fn is_fresh(&self, index: usize) -> bool {
        match self.version {
            Version::V1 { memory, .. } => index == memory,
            Version::V2 => true,
        }
    }

    /// Removes the groups of a run. The kernel refuses that while anything lives in them, so success proves them empty.
    pub(crate) fn remove_run(&self, group: FreshGroup) -> io::Result<()> {
        self.remove_dirs(&group.name)
    }

    fn remove_dirs(&self, name: &str) -> io::Result<()> {
        let mut parents = self.dirs.iter().enumerate();
        parents.try_for_each(|(index, parent)| match self.is_fresh(index) {
            true => remove_patiently(parent, name),
            false => Ok(()),
        })
    }
}

fn open_cpu_usage(version: Version, dirs: &[OwnedFd]) -> io::Result<OwnedFd> {
    let (dir, file) = match version {
        Version::V1 { cpuacct, .. } => (dirs.get(cpuacct), v1::CPU_USAGE),
        Version::V2 => (dirs.first(), v2::CPU_USAGE),
    };
    open_at(dir.ok_or(io::ErrorKind::InvalidData)?, file, OFlags::RDONLY)
}

fn cpu_usage(version: Version, file: impl AsFd) -> io::Result<Duration> {
    let mut buffer = [0; 1024];
    let length = rustix::io::pread(file, &mut buffer, 0)?;
    let text = String::from_utf8_lossy(&buffer[..length]);
    match version {
        Version::V1 { .. } => v1::cpu(&text),
        Version::V2 => v2::cpu(&text),
    }
    .ok_or_else(|| io::Error::other("the CPU account of a control group cannot be read"))
}

fn limit(version: Version, dirs: &[OwnedFd], limits: Expected) -> io::Result<()> {
    match version {
        Version::V1 { memory, pids, .. } => {
            v1::limit(dirs[memory].as_fd(), dirs[pids].as_fd(), limits)
        }
        Version::V2 => v2::limit(dirs[0].as_fd(), limits),
    }
}

/// The groups of a run that has not begun, on the keeper's side.
#[derive(Debug)]
pub(crate) struct FreshGroup {
    version: Version,
    name: String,
    dirs: Vec<OwnedFd>,
    /// What earlier runs have used.
    pub(crate) cpu_before: Duration,
}

impl FreshGroup {
    pub(crate) fn dirs(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.dirs.iter().map(AsFd::as_fd)
    }

    /// The directory that the program is born in, where the kernel can do that.
    pub(crate) fn birthplace(&self) -> Option<BorrowedFd<'_>> {
        match self.version {
            Version::V1 { .. } => None,
            Version::V2 => self.dirs.first().map(AsFd::as_fd),
        }
    }

    /// Moves the calling process in, where it was not born inside. It needs no heap.
    pub(crate) fn enter(&self) -> io::Result<()> {
        if self.version == Version::V2 {
            return Ok(());
        }
        self.dirs
            .iter()
            .try_for_each(|dir| write_at(dir, v1::DOOR, "0"))
    }
}
