//! A file of the package that somebody else will copy.

use std::path::PathBuf;

use super::tree::Tree;

/// A file that counts, under the name it has in the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFile {
    /// Path with `/` below the directory it was found in: what to call the copy.
    pub name: String,
    /// Where to open it. May be called otherwise, when the package has a link there.
    pub path: PathBuf,
}

/// Everything that counts below a directory of the package.
pub(super) fn below(tree: &Tree, dir: &str) -> Vec<PackageFile> {
    tree.below(dir)
        .map(|(name, entry)| PackageFile {
            name: name.to_owned(),
            path: entry.path.clone(),
        })
        .collect()
}
