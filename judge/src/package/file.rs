//! A file of the package that somebody else will copy.

use std::path::PathBuf;

use super::tree::{Entry, Tree};

/// A file that counts, under the name it has in the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// Path with `/` below the directory it was found in: what to call the copy.
    pub name: String,
    /// Where to open it; [`PackageFile::read`] does. May be called otherwise, when the package has a link there.
    pub path: PathBuf,
    /// Whether it may be executed: the scripts of a validator.
    pub executable: bool,
}

impl PackageFile {
    /// A file that is not executable and holds no constants.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            executable: false,
        }
    }

    pub(super) fn of(name: &str, entry: &Entry) -> Self {
        Self {
            executable: entry.executable,
            ..Self::new(name, &entry.path)
        }
    }

    /// Its content, with the package's constants filled in where they belong.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> std::io::Result<Vec<u8>> {
        std::fs::read(&self.path)
    }
}

/// Everything that counts below a directory of the package.
pub(super) fn below(tree: &Tree, dir: &str) -> Vec<PackageFile> {
    tree.below(dir)
        .map(|(name, entry)| PackageFile::of(name, entry))
        .collect()
}
