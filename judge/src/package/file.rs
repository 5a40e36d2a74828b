//! A file of the package that somebody else will copy.

use std::path::PathBuf;

use super::constants::Constants;
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
    /// Filled in by [`PackageFile::read`].
    pub constants: Constants,
}

impl PackageFile {
    /// A file that is not executable and holds no constants.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            executable: false,
            constants: Constants::default(),
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
        let content = std::fs::read(&self.path)?;
        if self.constants.is_empty() {
            return Ok(content);
        }
        Ok(self.constants.fill_bytes(&content))
    }
}

/// Everything that counts below a directory of the package.
pub(super) fn below(tree: &Tree, dir: &str) -> Vec<PackageFile> {
    tree.below(dir)
        .map(|(name, entry)| PackageFile::of(name, entry))
        .collect()
}

/// Lets files be read with the package's constants filled in.
pub(super) fn set_constants(files: &mut [PackageFile], constants: &Constants) {
    for file in files {
        file.constants = constants.clone();
    }
}
