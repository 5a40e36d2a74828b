//! Control groups: limits and accounts of one run, on v1 and on v2.
//!
//! Layout, the same in every hierarchy in use: `tribunal/` (ours, shared by all evaluators of the host) holds one
//! directory for each box, named after its owner so that nobody removes a living one's; it holds one group for each
//! run, made fresh, because peaks and cached pages stick to a group. All work is done relative to open directories.
//!
//! **Invariant:** nothing outside of `tribunal/` is written, but for v2's `cgroup.subtree_control` above it.

mod discover;
mod owner;
mod v1;
mod v2;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, Mode, OFlags};

pub(crate) use discover::discover;
pub(crate) use owner::Owner;

use crate::wire::Attach;
use crate::{Limits, SandboxError, error::Context};

/// More than any file we read holds, but `cgroup.procs`, of which the first part does.
const READ_MAX: usize = 16 << 10;
/// How long a dead tree may take to leave its group.
const LEAVING: Duration = Duration::from_secs(5);

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

/// A dead process may still be on its way out of the group for a moment.
fn remove_patiently(parent: impl AsFd, name: &str) -> io::Result<()> {
    let until = Instant::now() + LEAVING;
    loop {
        match rustix::fs::unlinkat(&parent, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => return Ok(()),
            Err(rustix::io::Errno::BUSY) if Instant::now() < until => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn make_new_dir(parent: impl AsFd, name: &str) -> io::Result<OwnedFd> {
    rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755))?;
    open_at(parent, name, OFlags::RDONLY | OFlags::DIRECTORY)
}

fn make_dir(parent: impl AsFd, name: &str) -> io::Result<OwnedFd> {
    match make_new_dir(&parent, name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            open_at(parent, name, OFlags::RDONLY | OFlags::DIRECTORY)
        }
        result => result,
    }
}

fn open_at(dir: impl AsFd, name: &str, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Ok(rustix::fs::openat(dir, name, flags, Mode::empty())?)
}

/// Reads a file of the kernel's, which answers with all of it at once.
fn read_at(dir: impl AsFd, name: &str) -> io::Result<String> {
    let file = open_at(dir, name, OFlags::RDONLY)?;
    let mut text = Vec::with_capacity(READ_MAX);
    rustix::io::read(file, rustix::buffer::spare_capacity(&mut text))?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn write_at(dir: impl AsFd, name: &str, value: &str) -> io::Result<()> {
    rustix::io::write(open_at(dir, name, OFlags::WRONLY)?, value.as_bytes())?;
    Ok(())
}

/// Names of the groups directly inside.
fn children(dir: impl AsFd) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type() == rustix::fs::FileType::Directory && name != "." && name != ".." {
            names.push(name);
        }
    }
    Ok(names)
}

/// Value of `key` in the kernel's `key value` lines.
fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.trim().parse().ok())?
    })
}
