//! From a caller's [`Program`] to a request and descriptors for the keeper.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use rustix::fs::{CWD, MemfdFlags, SealFlags};

use crate::error::Context;
use crate::stream::Stream;
use crate::volume::clone_tree;
use crate::wire::{Run, Task};
use crate::{Capture, Limits, Mount, Program, SandboxConfig, SandboxError, Stdin, sys};

/// Top-level names of a box that callers cannot mount on.
const OURS: [&str; 4] = ["/dev", "/proc", "/tmp", "/etc"];

/// A run, ready to be sent.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) run: Run,
    pub(crate) limits: Limits,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    /// The program's ends of its streams.
    pub(crate) streams: [OwnedFd; 3],
    pub(crate) mounts: Vec<OwnedFd>,
}

/// The command of a program that can be executed at all.
pub(crate) fn command(program: &Program) -> Result<Task, SandboxError> {
    let absolute = program
        .argv
        .first()
        .is_some_and(|path| Path::new(path).is_absolute());
    if !absolute {
        return Err(refuse(format!(
            "{:?} does not begin with an absolute path",
            program.argv
        )));
    }
    let env = program.env.iter().map(|(name, value)| {
        let mut pair = name.clone();
        pair.push("=");
        pair.push(value);
        c_string(&pair)
    });
    let argv = program.argv.iter().map(|one| c_string(one));
    Ok(Task::Exec {
        argv: argv.collect::<Result<_, _>>()?,
        env: env.collect::<Result<_, _>>()?,
    })
}

/// As the kernel wants it.
fn c_string(text: &OsStr) -> Result<CString, SandboxError> {
    CString::new(text.as_bytes()).map_err(|_| refuse(format!("{text:?} holds a zero byte")))
}

impl Prepared {
    pub(crate) fn new(
        program: Program,
        task: Task,
        config: &SandboxConfig,
        uid: u32,
        null: &File,
    ) -> Result<Prepared, SandboxError> {
        let targets: Vec<_> = program.mounts.iter().map(Mount::target).collect();
        for (index, target) in targets.iter().enumerate() {
            let toolchain = config.toolchain.iter().map(AsRef::as_ref);
            check_target(target, toolchain.chain(targets[..index].iter().copied()))?;
        }
        let targets = targets.iter().map(|target| c_string(target.as_os_str()));
        let counts_writes = matches!(program.stdout, Capture::Fd(_));
        let (stdout, stdout_end) =
            Stream::open(program.stdout, null, uid).context("make a pipe")?;
        let (stderr, stderr_end) =
            Stream::open(program.stderr, null, uid).context("make a pipe")?;
        let stdin = open_stdin(program.stdin, null)?;
        let limits = program.limits;
        Ok(Prepared {
            mounts: program
                .mounts
                .iter()
                .map(Mount::detached)
                .collect::<Result<_, _>>()?,
            run: Run {
                task,
                cwd: c_string(program.cwd.as_os_str())?,
                targets: targets.collect::<Result<_, _>>()?,
                memory_bytes: limits.memory_bytes,
                file_size_bytes: limits.file_size_bytes,
                open_files: limits.open_files.into(),
                counts_writes,
            },
            limits,
            stdout,
            stderr,
            streams: [stdin, stdout_end, stderr_end],
        })
    }
}

fn open_stdin(stdin: Stdin, null: &File) -> Result<OwnedFd, SandboxError> {
    match stdin {
        Stdin::Null => null
            .try_clone()
            .map(OwnedFd::from)
            .context("share /dev/null"),
        Stdin::File(file) => own_input(&file).context("copy standard input"),
        Stdin::Fd(fd) => Ok(fd),
    }
}

/// A copy that nobody else has, to be read only.
///
/// The file itself would tell its name and folder (`/proc/self/fd/0`), and a lock on it would reach every box that reads
/// the same case. Its pages are ours, so the program does not pay for them.
fn own_input(file: &File) -> io::Result<OwnedFd> {
    let own = rustix::fs::memfd_create("input", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut own = File::from(own);
    // A description of our own: the caller's has a position that may be anywhere.
    io::copy(&mut again(file)?, &mut own)?;
    rustix::fs::fcntl_add_seals(&own, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK)?;
    again(&own).map(OwnedFd::from)
}

/// The same file, read from its start.
fn again(file: &File) -> io::Result<File> {
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

impl Mount {
    fn target(&self) -> &Path {
        match self {
            Mount::ReadOnly { target, .. } | Mount::Volume { target, .. } => target,
        }
    }

    /// A mount that is attached nowhere, with the attributes it needs.
    fn detached(&self) -> Result<OwnedFd, SandboxError> {
        let (tree, read_only) = match self {
            Mount::ReadOnly { source, .. } => {
                let what = format!("show {}", source.display());
                let is_dir = source.symlink_metadata().context(&*what)?.is_dir();
                if !is_dir {
                    return Err(refuse(format!("{} is not a directory", source.display())));
                }
                (clone_tree(CWD, source.as_path()).context(what)?, true)
            }
            Mount::Volume {
                volume, writable, ..
            } => (volume.detached().context("show a volume")?, !writable),
        };
        let mut attributes = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
        if read_only {
            attributes |= libc::MOUNT_ATTR_RDONLY;
        }
        sys::mount_setattr(tree.as_fd(), attributes, false).context("protect a mount")?;
        Ok(tree)
    }
}

/// A mount point must be a place of its own: nothing above it, below it or in it may be somebody else's.
fn check_target<'a>(
    target: &Path,
    others: impl Iterator<Item = &'a Path>,
) -> Result<(), SandboxError> {
    let mut parts = target.components();
    let rooted = parts.next() == Some(Component::RootDir);
    let mut parts = parts.peekable();
    let named = parts.peek().is_some();
    let plain = parts.all(|part| matches!(part, Component::Normal(name) if name != OsStr::new("")));
    if !(rooted && named && plain) {
        return Err(refuse(format!(
            "{} is no place to mount on",
            target.display()
        )));
    }
    let clash = OURS
        .iter()
        .map(Path::new)
        .chain(others)
        .find(|other| target.starts_with(other) || other.starts_with(target));
    match clash {
        None => Ok(()),
        Some(other) => Err(refuse(format!(
            "{} cannot be mounted on, because of {}",
            target.display(),
            other.display()
        ))),
    }
}

fn refuse(why: String) -> SandboxError {
    SandboxError::Request(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(target: &str) -> bool {
        let others = ["/usr", "/w"].map(Path::new);
        check_target(Path::new(target), others.into_iter()).is_ok()
    }

    #[test]
    fn mount_points_are_places_of_their_own() {
        for good in ["/box", "/data/in", "/w2"] {
            assert!(accepts(good), "{good}");
        }
        for bad in [
            "/", "w", "/../x", "/usr/x", "/w", "/w/x", "/tmp/x", "/proc", "/dev/shm", "",
        ] {
            assert!(!accepts(bad), "{bad}");
        }
    }
}
