//! The files of a package that count, found once; everything else reads through this.
//!
//! A name that the format does not allow is treated as if the file were deleted. A symbolic link
//! counts as a copy of what it points to, which must lie inside the package.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::error::{PackageError, Warning};

/// The format recommends at most 100 MiB; twice that is more than any honest test case.
pub const MAX_FILE_BYTES: u64 = 200 * 1024 * 1024;
/// Files of one package.
pub const MAX_FILES: usize = 100_000;
const MAX_DEPTH: usize = 32;
/// A configuration file or source we read as text.
const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;

/// One file that counts.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where it can be opened.
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// Whether its owner may execute it.
    pub(super) executable: bool,
}

/// The files that count, by relative path with `/`, sorted bytewise.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: PathBuf,
    pub(super) files: BTreeMap<String, Entry>,
    /// Files that look as if the author meant them to count.
    pub(super) warnings: Vec<Warning>,
}

/// Whether a file or directory of this name counts.
pub(super) fn is_valid_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        && name.len() <= 255
}

/// The rule of legacy-icpc: letters or digits at both ends.
fn is_icpc_name(name: &str) -> bool {
    let ends_well = |end: Option<u8>| end.is_some_and(|b| b.is_ascii_alphanumeric());
    name.len() >= 2
        && is_valid_name(name)
        && ends_well(name.bytes().next())
        && ends_well(name.bytes().last())
}

/// `.timelimit` is the one dotfile that says something (DOMjudge's time limit).
pub(super) fn counts(relative: &str) -> bool {
    relative == super::time_limit::DOTFILE || relative.split('/').all(is_valid_name)
}

impl Tree {
    /// Walks the package.
    pub(super) fn walk(dir: &Path) -> Result<Self, PackageError> {
        let root = fs::canonicalize(dir).map_err(|source| io(dir, source))?;
        let mut tree = Self {
            root: root.clone(),
            files: BTreeMap::new(),
            warnings: Vec::new(),
        };
        tree.walk_directory(&root, "", 0)?;
        Ok(tree)
    }

    fn walk_directory(
        &mut self,
        dir: &Path,
        relative: &str,
        depth: usize,
    ) -> Result<(), PackageError> {
        if depth > MAX_DEPTH {
            return Err(too_large(
                relative,
                depth as u64,
                MAX_DEPTH as u64,
                "levels",
            ));
        }
        for entry in fs::read_dir(dir).map_err(|source| io(dir, source))? {
            let entry = entry.map_err(|source| io(dir, source))?;
            let name = entry.file_name();
            let child = join(relative, &name.to_string_lossy());
            if name.to_str().is_some() && counts(&child) {
                self.add(&entry.path(), child, depth)?;
            } else {
                self.ignore(child);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, relative: String, depth: usize) -> Result<(), PackageError> {
        let is_link = fs::symlink_metadata(path)
            .map_err(|source| io(path, source))?
            .is_symlink();
        let target = if is_link {
            self.resolve(path, &relative)?
        } else {
            path.to_owned()
        };
        let metadata = fs::metadata(&target).map_err(|source| io(&target, source))?;
        if metadata.is_dir() {
            return self.walk_directory(&target, &relative, depth + 1);
        }
        if !metadata.is_file() {
            return Err(PackageError::invalid(&relative, "is not a regular file"));
        }
        let size = metadata.len();
        if size > MAX_FILE_BYTES {
            return Err(too_large(&relative, size, MAX_FILE_BYTES, "bytes"));
        }
        let entry = Entry {
            path: target,
            size,
            executable: metadata.permissions().mode() & 0o100 != 0,
        };
        self.files.insert(relative, entry);
        if self.files.len() > MAX_FILES {
            let count = self.files.len() as u64;
            return Err(too_large("package", count, MAX_FILES as u64, "files"));
        }
        Ok(())
    }

    /// Where a link leads, if that is inside the package and not back to where the link lies.
    fn resolve(&self, path: &Path, relative: &str) -> Result<PathBuf, PackageError> {
        let link = |problem: &str| PackageError::Link {
            file: relative.to_owned(),
            problem: problem.to_owned(),
        };
        let target = fs::canonicalize(path).map_err(|_| link("leads nowhere"))?;
        if !target.starts_with(&self.root) {
            return Err(link("leads out of the package"));
        }
        if path.starts_with(&target) {
            return Err(link("leads round in a circle"));
        }
        let inside = target.strip_prefix(&self.root).unwrap_or(&target);
        if !inside.to_str().is_some_and(counts) {
            return Err(link("leads to a file whose name does not count"));
        }
        Ok(target)
    }

    fn ignore(&mut self, relative: String) {
        let watched = ["data/", "submissions/", "include/", "output_validator"];
        let hidden = relative.rsplit('/').next().unwrap_or("").starts_with('.');
        if !hidden && watched.iter().any(|dir| relative.starts_with(dir)) {
            let message = "ignored: names are letters, digits, `_`, `.` and `-` only";
            self.warnings.push(Warning::new(relative, message));
        }
    }

    /// Leaves out the files whose names legacy-icpc does not allow, as if they were deleted.
    pub(super) fn keep_icpc_names(&mut self, warnings: &mut Vec<Warning>) {
        let dotfile = super::time_limit::DOTFILE;
        self.files.retain(|relative, _| {
            let counts = relative == dotfile || relative.split('/').all(is_icpc_name);
            if !counts {
                let message = "ignored: in legacy-icpc a name begins and ends with a letter or digit, and has two at least";
                warnings.push(Warning::new(relative, message));
            }
            counts
        });
    }

    /// The files below a directory, as (path below it, entry).
    pub(super) fn below(&self, dir: &str) -> impl Iterator<Item = (&str, &Entry)> {
        let prefix = format!("{dir}/");
        self.files
            .range(prefix.clone()..)
            .map_while(move |(path, entry)| Some((path.strip_prefix(&prefix)?, entry)))
    }

    /// The names directly in a directory, in order, with whether each is a directory.
    pub(super) fn children(&self, dir: &str) -> BTreeMap<&str, bool> {
        self.below(dir)
            .map(|(path, _)| match path.split_once('/') {
                Some((name, _)) => (name, true),
                None => (path, false),
            })
            .collect()
    }

    /// The text of a file; `None` when there is no such file.
    pub(super) fn text(&self, relative: &str) -> Result<Option<String>, PackageError> {
        let Some(entry) = self.files.get(relative) else {
            return Ok(None);
        };
        if entry.size > MAX_TEXT_BYTES {
            return Err(too_large(relative, entry.size, MAX_TEXT_BYTES, "bytes"));
        }
        let mut bytes = Vec::new();
        fs::File::open(&entry.path)
            .and_then(|file| file.take(MAX_TEXT_BYTES).read_to_end(&mut bytes))
            .map_err(|source| io(&entry.path, source))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| PackageError::invalid(relative, "is not UTF-8 text"))?;
        Ok(Some(text.trim_start_matches('\u{feff}').to_owned()))
    }
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_owned()
    } else {
        format!("{dir}/{name}")
    }
}

pub(super) fn io(path: &Path, source: std::io::Error) -> PackageError {
    PackageError::Io {
        path: path.to_owned(),
        source,
    }
}

fn too_large(file: &str, size: u64, limit: u64, unit: &'static str) -> PackageError {
    PackageError::TooLarge {
        file: file.to_owned(),
        size,
        limit,
        unit,
    }
}
