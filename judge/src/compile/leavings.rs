//! What a compiler left in its volume, and which of it is the program's beginning.

use std::path::Path;

use sandbox::{Volume, VolumeError};

use super::Compiled;
use super::cache::ArtefactFile;
use super::key::Unit;
use crate::{Fault, Reason};

/// How many files may be part of a program.
const FILES: usize = 4096;

/// Everything the compiler left, or `None` if it is too much.
pub(super) fn collect(volume: &Volume, mut room: u64) -> Result<Option<Vec<ArtefactFile>>, Fault> {
    let entries = match volume.list(FILES) {
        Err(VolumeError::TooLarge { .. }) => return Ok(None),
        entries => entries?,
    };
    let mut files = Vec::with_capacity(entries.len());
    for entry in entries {
        let content = match volume.read(&entry.path, room) {
            Err(VolumeError::TooLarge { .. }) => return Ok(None),
            content => content?,
        };
        room -= content.len() as u64;
        files.push(ArtefactFile {
            path: entry.path,
            executable: entry.mode & 0o111 != 0,
            content,
        });
    }
    Ok(Some(files))
}

/// There is nothing to start.
pub(super) fn no_entry_point(unit: &Unit<'_>, log: String) -> Compiled {
    Compiled::Refused {
        reason: Reason::new("no-entry-point", &unit.entry_points),
        log,
    }
}

/// The first entry point for which the compiler left what it should; for languages that link everything, the empty string.
pub(super) fn find_entry_point(unit: &Unit<'_>, files: &[ArtefactFile]) -> Option<String> {
    let linked = [String::new()];
    let candidates = match unit.entry_points.as_slice() {
        [] => &linked,
        // Nothing but the root was compiled, whatever else could have been one.
        all if unit.language.has_root() => {
            let root = unit.root()?;
            let index = all.iter().position(|name| name == root)?;
            &all[index..=index]
        }
        all => all,
    };
    let exists = |name: &&String| {
        let path = unit.language.entry_file(name);
        files.iter().any(|file| file.path == Path::new(&path))
    };
    candidates.iter().find(exists).cloned()
}
