//! Symbolic links in an archive: never made, only followed within the archive, and only to files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use zip::read::ZipFile;

use super::ArchiveError;
use super::unpack::{create, failed, too_large};
use crate::package::tree;

/// A chain of links longer than this is a game.
const MAX_HOPS: usize = 16;
const MAX_TARGET_BYTES: u64 = 4096;

/// The links of an archive, by the names that they and their targets have in it.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, String>);

impl Links {
    /// Remembers a link, if its target can only lie in the archive.
    pub(super) fn add<R: Read>(
        &mut self,
        name: &str,
        entry: &mut ZipFile<'_, R>,
    ) -> Result<(), ArchiveError> {
        let mut target = String::new();
        entry
            .take(MAX_TARGET_BYTES)
            .read_to_string(&mut target)
            .map_err(|error| ArchiveError::NotAZip(format!("{name}: {error}")))?;
        let target = resolved(name, &target).ok_or_else(|| unsafe_link(name))?;
        match self.0.insert(name.to_owned(), target) {
            None => Ok(()),
            Some(_) => Err(ArchiveError::Duplicate(name.to_owned())),
        }
    }

    /// Puts a copy of the file that each leads to in its place; `top` is left out of the names.
    pub(super) fn copy(
        &self,
        top: &str,
        destination: &Path,
        left: &mut u64,
        total_bytes: u64,
    ) -> Result<(), ArchiveError> {
        for name in self.0.keys() {
            let relative = name.strip_prefix(top).unwrap_or(name);
            let target = self.end(name).strip_prefix(top).unwrap_or_default();
            let from = destination.join(target);
            if !tree::counts(target) || !from.is_file() {
                return Err(unsafe_link(name));
            }
            let mut file = fs::File::open(&from).map_err(|source| failed(target, source))?;
            let metadata = file.metadata().map_err(|source| failed(target, source))?;
            *left = left
                .checked_sub(metadata.len())
                .ok_or_else(|| too_large("the archive", total_bytes, "bytes"))?;
            let mut copy = create(destination, relative, metadata.permissions())?;
            std::io::copy(&mut file, &mut copy).map_err(|source| failed(relative, source))?;
        }
        Ok(())
    }

    /// Where a chain of links ends, or something on the way if it does not.
    fn end<'a>(&'a self, name: &'a str) -> &'a str {
        let mut at = name;
        for _ in 0..MAX_HOPS {
            match self.0.get(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}

/// The path in the archive that `target` means, seen from the link.
fn resolved(link: &str, target: &str) -> Option<String> {
    if target.starts_with('/') || target.contains(['\\', '\0']) {
        return None;
    }
    let mut path: Vec<&str> = link.split('/').collect();
    path.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()?),
            part => path.push(part),
        }
    }
    Some(path.join("/"))
}

fn unsafe_link(name: &str) -> ArchiveError {
    ArchiveError::UnsafeEntry {
        name: name.to_owned(),
        why: "it is a symbolic link that leads to no file of the archive",
    }
}
