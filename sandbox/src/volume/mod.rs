//! A writable scratch volume that a program may shape and that we read without trusting it.
//!
//! A program may leave anything under any name: links to our files, pipes that never answer, directories without end.
//! So every step goes from an open directory to the next, resolved by `openat2` beneath the volume and without links
//! or mounts, and what was opened is looked at through its descriptor before it is used.

mod home;
mod listing;

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::SandboxError;
use crate::error::Context;
pub(crate) use home::{clone_tree, tmpfs};

/// A tmpfs of bounded size, shared between a box and its caller.
#[derive(Debug)]
pub struct Volume {
    number: u64,
    root: OwnedFd,
}

/// Why a file of a volume could not be had.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// There is no such file, or a symbolic link or a mount is in the way to it.
    #[error("{0}: no such file")]
    Missing(PathBuf),
    /// It is a directory, a pipe, a link, a device, but no regular file.
    #[error("{0}: not a regular file")]
    NotRegular(PathBuf),
    /// It is larger than the caller accepts, or the listing is longer or deeper.
    #[error("{path}: more than {cap}")]
    TooLarge {
        /// The file or directory.
        path: PathBuf,
        /// What was accepted.
        cap: u64,
    },
    /// The path is absolute or leads upwards: a mistake of the caller.
    #[error("{0}: not a path beneath the volume")]
    BadPath(PathBuf),
    /// The kernel failed.
    #[error("{path}: {cause}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the kernel said.
        cause: io::Error,
    },
}

/// One file found in a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path below the volume's root.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Permission bits.
    pub mode: u32,
}

impl Volume {
    /// A fresh volume of at most `size_bytes` in at most `inodes` files and directories, writable by every box.
    pub fn new(size_bytes: u64, inodes: u64) -> Result<Volume, SandboxError> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let root = tmpfs(&[
            ("size", &size_bytes.to_string()),
            ("nr_inodes", &inodes.to_string()),
            ("mode", "0777"),
        ])
        .context("make a volume")?;
        home::attach(number, &root).context("attach a volume")?;
        Ok(Volume { number, root })
    }

    /// A mount of this volume that a box can attach.
    pub(crate) fn detached(&self) -> io::Result<OwnedFd> {
        home::clone(&self.root)
    }

    /// Writes a file, replacing the content of one that is there, and makes the directories on the way.
    pub fn write(
        &self,
        path: impl AsRef<Path>,
        content: &[u8],
        mode: u32,
    ) -> Result<(), VolumeError> {
        let path = beneath(path.as_ref())?;
        if let Some(parent) = path.parent() {
            self.make_dirs(parent)?;
        }
        // Not truncated before we know what it is; a pipe without a reader is refused instead of waited for.
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NONBLOCK;
        let mut file = self.open_regular(path, flags, Mode::from_raw_mode(0o600))?;
        file.set_len(0)
            .and_then(|()| file.write_all(content))
            .and_then(|()| file.set_permissions(Permissions::from_mode(mode & 0o777)))
            .map_err(|source| failed(path, source))
    }

    /// Opens a regular file for reading, without following links.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<File, VolumeError> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        self.open_regular(beneath(path.as_ref())?, flags, Mode::empty())
    }

    /// Reads a regular file of at most `cap_bytes`, without following links.
    pub fn read(&self, path: impl AsRef<Path>, cap_bytes: u64) -> Result<Vec<u8>, VolumeError> {
        let path = path.as_ref();
        let mut content = Vec::new();
        // Its size may change while we read, so the read itself is what is bounded.
        self.open(path)?
            .take(cap_bytes.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(|source| failed(path, source))?;
        if content.len() as u64 > cap_bytes {
            return Err(VolumeError::TooLarge {
                path: path.into(),
                cap: cap_bytes,
            });
        }
        Ok(content)
    }

    /// Deletes a regular file directly below the root.
    pub fn remove(&self, name: impl AsRef<Path>) -> Result<(), VolumeError> {
        let name = beneath(name.as_ref())?;
        if name.components().count() != 1 {
            return Err(VolumeError::BadPath(name.into()));
        }
        // One step from an open directory, and a link itself would be what is deleted.
        rustix::fs::unlinkat(&self.root, name, AtFlags::empty()).map_err(|error| match error {
            Errno::NOENT => VolumeError::Missing(name.into()),
            Errno::ISDIR => VolumeError::NotRegular(name.into()),
            other => failed(name, other.into()),
        })
    }

    /// Lists the regular files of all directories, sorted by path; an error when there are more than `cap` entries of
    /// any kind, or directories too deep.
    pub fn list(&self, cap: usize) -> Result<Vec<Entry>, VolumeError> {
        listing::list(self.root.as_fd(), cap)
    }

    fn open_regular(&self, path: &Path, flags: OFlags, mode: Mode) -> Result<File, VolumeError> {
        let file = File::from(open_beneath(self.root.as_fd(), path, flags, mode)?);
        let metadata = file.metadata().map_err(|source| failed(path, source))?;
        if !metadata.is_file() {
            return Err(VolumeError::NotRegular(path.into()));
        }
        Ok(file)
    }

    fn make_dirs(&self, path: &Path) -> Result<(), VolumeError> {
        let root = self
            .root
            .try_clone()
            .map_err(|source| failed(path, source))?;
        path.iter().try_fold(root, |dir, name| {
            let name = Path::new(name);
            match rustix::fs::mkdirat(&dir, name, Mode::RWXU) {
                Ok(()) => {
                    let made = open_beneath(dir.as_fd(), name, DIRECTORY, Mode::empty())?;
                    // Past our umask: compilers write beside their sources.
                    rustix::fs::fchmod(&made, Mode::from_raw_mode(0o777))
                        .map_err(|error| failed(path, error.into()))?;
                    Ok(made)
                }
                Err(Errno::EXIST) => open_beneath(dir.as_fd(), name, DIRECTORY, Mode::empty()),
                Err(error) => Err(failed(path, error.into())),
            }
        })?;
        Ok(())
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        if let Err(error) = home::detach(self.number) {
            tracing::warn!(%error, volume = self.number, "failed to take a volume away");
        }
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);

fn open_beneath(
    dir: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
    mode: Mode,
) -> Result<OwnedFd, VolumeError> {
    let resolve = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    rustix::fs::openat2(
        dir,
        path,
        flags | OFlags::CLOEXEC | OFlags::NOFOLLOW,
        mode,
        resolve,
    )
    .map_err(|error| match error {
        Errno::NOENT | Errno::LOOP | Errno::XDEV | Errno::NOTDIR => {
            VolumeError::Missing(path.into())
        }
        // A socket, or a pipe that nobody reads.
        Errno::NXIO | Errno::ISDIR | Errno::NODEV => VolumeError::NotRegular(path.into()),
        other => failed(path, other.into()),
    })
}

/// A caller's path: relative, and only downwards.
fn beneath(path: &Path) -> Result<&Path, VolumeError> {
    let mut parts = path.components().peekable();
    let named = parts.peek().is_some();
    if named && parts.all(|part| matches!(part, Component::Normal(_))) {
        return Ok(path);
    }
    Err(VolumeError::BadPath(path.into()))
}

fn failed(path: &Path, cause: io::Error) -> VolumeError {
    VolumeError::Io {
        path: path.into(),
        cause,
    }
}
