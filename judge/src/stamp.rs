//! A file's outward signs, by which a change is seen without reading it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as it was; a replaced or edited one differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    path: PathBuf,
    /// Device, inode, size, modification and change time; `None`: absent.
    state: Option<[i64; 5]>,
}

impl Stamp {
    pub(crate) fn of(path: &Path) -> Stamp {
        let state = fs::metadata(path).ok().map(|file| {
            [
                file.dev().cast_signed(),
                file.ino().cast_signed(),
                file.size().cast_signed(),
                file.mtime().wrapping_mul(1_000_000_000) + file.mtime_nsec(),
                file.ctime().wrapping_mul(1_000_000_000) + file.ctime_nsec(),
            ]
        });
        Stamp {
            path: path.to_owned(),
            state,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Size and modification time in nanoseconds, alike wherever the same package was installed.
    pub(crate) fn size_and_modified(&self) -> Option<[i64; 2]> {
        self.state.map(|state| [state[2], state[3]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_replaced_edited_or_removed_is_noticed() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("compiler");
        fs::write(&path, "one")?;
        let before = Stamp::of(&path);
        assert_eq!(before, Stamp::of(&path));
        fs::write(folder.path().join("new"), "one")?;
        fs::rename(folder.path().join("new"), &path)?;
        let replaced = Stamp::of(&path);
        assert_ne!(before, replaced);
        fs::write(&path, "three")?;
        let edited = Stamp::of(&path);
        assert_ne!(replaced, edited);
        fs::remove_file(&path)?;
        assert_ne!(edited, Stamp::of(&path));
        Ok(())
    }
}
