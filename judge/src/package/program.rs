//! A program that the package brings: a validator, a grader.

use super::file::{self, PackageFile};
use super::tree::Tree;

/// A program of the package: sources, or `build` and `run` scripts and what they need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageProgram {
    /// Its path in the package, for messages: `output_validators/check.py`.
    pub name: String,
    /// Its files.
    pub files: Vec<PackageFile>,
}

/// A file or a directory directly below `parent`.
pub(super) fn at(tree: &Tree, parent: &str, name: &str) -> PackageProgram {
    let path = format!("{parent}/{name}");
    let files = match tree.files.get(&path) {
        Some(entry) => vec![PackageFile::of(name, entry)],
        None => file::below(tree, &path),
    };
    PackageProgram { name: path, files }
}
