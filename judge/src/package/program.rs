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

/// Endings of files that lie beside programs and are none.
const BESIDE: [&str; 12] = [
    "h", "hh", "hpp", "hxx", "md", "txt", "pdf", "yaml", "json", "in", "ans", "log",
];
const SCRIPTS: [&str; 2] = ["build", "run"];

impl PackageProgram {
    /// Whether `name` means it: by path, base name, or base name without ending.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let base = self.name.rsplit('/').next().unwrap_or_default();
        let stem = base.split_once('.').map_or(base, |(stem, _)| stem);
        [self.name.as_str(), base, stem].contains(&name)
    }
}

/// A directory that is one program.
pub(super) fn directory(tree: &Tree, path: &str) -> PackageProgram {
    let mut files = file::below(tree, path);
    for file in &mut files {
        // Archives made where files have no modes lose them, and these names mean nothing else.
        file.executable |= SCRIPTS.contains(&file.name.as_str());
    }
    PackageProgram {
        name: path.to_owned(),
        files,
    }
}

/// All programs in a directory: each directory in it, and each source with the headers beside it.
/// Scripts directly in it make it one program.
pub(super) fn all(tree: &Tree, parent: &str) -> Vec<PackageProgram> {
    let children = tree.children(parent);
    let is_file = |name: &str| children.get(name) == Some(&false);
    if SCRIPTS.iter().any(|script| is_file(script)) {
        return vec![directory(tree, parent)];
    }
    let beside: Vec<PackageFile> = children
        .keys()
        .filter(|name| is_file(name) && is_beside(name))
        .filter_map(|name| one(tree, parent, name))
        .collect();
    let program = |(name, is_directory): (&&str, &bool)| {
        let path = format!("{parent}/{name}");
        if *is_directory {
            return Some(directory(tree, &path));
        }
        let mut files = vec![one(tree, parent, name).filter(|_| !is_beside(name))?];
        files.extend(beside.iter().cloned());
        Some(PackageProgram { name: path, files })
    };
    children.iter().filter_map(program).collect()
}

fn is_beside(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending {
        Some(ending) => BESIDE.contains(&ending.to_ascii_lowercase().as_str()),
        None => name.chars().all(|c| c.is_ascii_uppercase() || c == '_'),
    }
}

fn one(tree: &Tree, parent: &str, name: &str) -> Option<PackageFile> {
    let entry = tree.files.get(&format!("{parent}/{name}"))?;
    Some(PackageFile::of(name, entry))
}
