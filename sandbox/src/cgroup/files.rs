//! The kernel's control group files and directories, always relative to an open directory.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, Mode, OFlags};

/// More than any file we read holds, but `cgroup.procs`, of which the first part does.
const READ_MAX: usize = 16 << 10;
/// How long a dead tree may take to leave its group.
const LEAVING: Duration = Duration::from_secs(5);

/// A dead process may still be on its way out of the group for a moment.
pub(super) fn remove_patiently(parent: impl AsFd, name: &str) -> io::Result<()> {
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

pub(super) fn make_new_dir(parent: impl AsFd, name: &str) -> io::Result<OwnedFd> {
    rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755))?;
    open_at(parent, name, OFlags::RDONLY | OFlags::DIRECTORY)
}

pub(super) fn make_dir(parent: impl AsFd, name: &str) -> io::Result<OwnedFd> {
    match make_new_dir(&parent, name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            open_at(parent, name, OFlags::RDONLY | OFlags::DIRECTORY)
        }
        result => result,
    }
}

pub(super) fn open_at(dir: impl AsFd, name: &str, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Ok(rustix::fs::openat(dir, name, flags, Mode::empty())?)
}

/// Reads a file of the kernel's, which answers with all of it at once.
pub(super) fn read_at(dir: impl AsFd, name: &str) -> io::Result<String> {
    let file = open_at(dir, name, OFlags::RDONLY)?;
    let mut text = Vec::with_capacity(READ_MAX);
    rustix::io::read(file, rustix::buffer::spare_capacity(&mut text))?;
    String::from_utf8(text).map_err(io::Error::other)
}

pub(super) fn write_at(dir: impl AsFd, name: &str, value: &str) -> io::Result<()> {
    rustix::io::write(open_at(dir, name, OFlags::WRONLY)?, value.as_bytes())?;
    Ok(())
}

/// A group and all that can be seen above it, upwards.
pub(super) fn ancestors(group: OwnedFd) -> impl Iterator<Item = OwnedFd> {
    // Above the top of the hierarchy lies a directory of another kind.
    let is_group = |dir: &OwnedFd| open_at(dir, "cgroup.procs", OFlags::RDONLY).is_ok();
    let above = |dir: &OwnedFd| open_at(dir, "..", OFlags::RDONLY | OFlags::DIRECTORY).ok();
    std::iter::successors(Some(group), move |group| above(group)).take_while(is_group)
}

/// Names of the groups directly inside.
pub(super) fn children(dir: impl AsFd) -> io::Result<Vec<String>> {
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
pub(super) fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.trim().parse().ok())?
    })
}
