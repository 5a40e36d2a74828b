//! Walks a volume that a program may have filled with whatever hurts a walker.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode};

use super::{DIRECTORY, Entry, VolumeError, failed, open_beneath};

/// Directories below directories; each level holds a descriptor while it is read.
const DEPTH_MAX: usize = 32;

/// Lists the regular files below `root`.
pub(super) fn list(root: BorrowedFd<'_>, cap: usize) -> Result<Vec<Entry>, VolumeError> {
    let mut walk = Walk {
        cap,
        seen: 0,
        found: Vec::new(),
    };
    // A description of our own: reading a directory moves its position.
    let top = open_beneath(root, Path::new("."), DIRECTORY, Mode::empty())?;
    walk.enter(top, PathBuf::new(), 0)?;
    walk.found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(walk.found)
}

struct Walk {
    cap: usize,
    seen: usize,
    found: Vec<Entry>,
}

impl Walk {
    fn enter(&mut self, dir: OwnedFd, path: PathBuf, depth: usize) -> Result<(), VolumeError> {
        if depth > DEPTH_MAX {
            return Err(VolumeError::TooLarge {
                path,
                cap: DEPTH_MAX as u64,
            });
        }
        let entries = Dir::read_from(&dir).map_err(|error| failed(&path, error.into()))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed(&path, error.into()))?;
            let name = Path::new(OsStr::from_bytes(entry.file_name().to_bytes()));
            if name != Path::new(".") && name != Path::new("..") {
                self.visit(dir.as_fd(), name, path.join(name), depth)?;
            }
        }
        Ok(())
    }

    fn visit(
        &mut self,
        dir: BorrowedFd<'_>,
        name: &Path,
        path: PathBuf,
        depth: usize,
    ) -> Result<(), VolumeError> {
        self.seen += 1;
        if self.seen > self.cap {
            return Err(VolumeError::TooLarge {
                path,
                cap: self.cap as u64,
            });
        }
        let stat = rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| failed(&path, error.into()))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let child = open_beneath(dir, name, DIRECTORY, Mode::empty())?;
                self.enter(child, path, depth + 1)
            }
            FileType::RegularFile => {
                self.found.push(Entry {
                    path,
                    size_bytes: stat.st_size as u64,
                    mode: stat.st_mode & 0o777,
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
