//! Reading a ZIP that anybody may have made.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zip::read::{ZipArchive, ZipFile};

use super::ArchiveError;
use super::links::Links;
use crate::package::tree::{self, MAX_FILE_BYTES, MAX_FILES};

/// What an archive may unpack to.
#[derive(Clone, Debug)]
pub struct UnpackLimits {
    /// Entries, directories included.
    pub entries: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            entries: MAX_FILES,
            file_bytes: MAX_FILE_BYTES,
            total_bytes: 2 * 1024 * 1024 * 1024,
        }
    }
}

/// Unpacks a package into `destination`, which must be new or empty and ours alone.
///
/// An archive may hold the package itself or one directory with the package in it; either way
/// `problem.yaml` ends directly in `destination`. Entries that a package ignores are not written,
/// and a link within the archive is written as a copy of the file it leads to.
/// After an error the destination holds what was written so far: use a temporary directory, and
/// rename it once its digest is the expected one.
///
/// # Errors
/// For anything that is not a plain archive within the limits.
pub fn unpack<R: Read + Seek>(
    reader: R,
    destination: &Path,
    limits: &UnpackLimits,
) -> Result<(), ArchiveError> {
    let mut archive = ZipArchive::new(reader).map_err(not_a_zip)?;
    if archive.len() > limits.entries {
        return Err(too_large("the archive", limits.entries as u64, "entries"));
    }
    if archive.metadata().has_duplicate_names() {
        return Err(ArchiveError::Duplicate("a name".to_owned()));
    }
    let top = top_directory(&mut archive)?;
    let mut links = Links::default();
    fs::create_dir_all(destination).map_err(|source| failed(".", source))?;
    let mut left = limits.total_bytes;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(not_a_zip)?;
        let name = checked_name(&entry)?;
        let relative = name.strip_prefix(&top).unwrap_or(&name);
        if name.ends_with('/') || !tree::counts(relative) {
            continue;
        }
        if file_type(&entry) == LINK {
            links.add(&name, &mut entry)?;
            continue;
        }
        if limits.file_bytes < left {
            left -= write(&mut entry, relative, destination, limits.file_bytes)?
                .ok_or_else(|| too_large(relative, limits.file_bytes, "bytes"))?;
        } else {
            left -= write(&mut entry, relative, destination, left)?
                .ok_or_else(|| too_large("the archive", limits.total_bytes, "bytes"))?;
        }
    }
    links.copy(&top, destination, &mut left, limits.total_bytes)
}

/// The bits of a mode that say what kind of file it is, and two of the kinds.
const FILE_TYPE: u32 = 0o170_000;
const LINK: u32 = 0o120_000;

fn file_type<R: Read>(entry: &ZipFile<'_, R>) -> u32 {
    entry.unix_mode().map_or(0, |mode| mode & FILE_TYPE)
}

/// `name/` when everything that counts lies in one directory, else nothing.
fn top_directory<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<String, ArchiveError> {
    let mut top: Option<String> = None;
    for index in 0..archive.len() {
        let name = checked_name(&archive.by_index(index).map_err(not_a_zip)?)?;
        let Some((first, _)) = name.split_once('/') else {
            if tree::counts(&name) {
                return Ok(String::new());
            }
            continue;
        };
        // Archives made on a Mac carry a second tree of its own metadata.
        if !tree::is_valid_name(first) || first == "__MACOSX" {
            continue;
        }
        if top.get_or_insert_with(|| first.to_owned()) != first {
            return Ok(String::new());
        }
    }
    Ok(top.map_or(String::new(), |first| first + "/"))
}

/// The entry's name if it can only mean a path below the archive, and the entry a file or directory.
fn checked_name<R: Read>(entry: &ZipFile<'_, R>) -> Result<String, ArchiveError> {
    let refused = |why| ArchiveError::UnsafeEntry {
        name: String::from_utf8_lossy(entry.name_raw()).into_owned(),
        why,
    };
    let name = entry.name().map_err(|_| refused("its name is not text"))?;
    // Some programs for Windows write the separator of their paths. No file of a package has one in its name.
    let name = name.replace('\\', "/");
    if name.starts_with('/') {
        return Err(refused("its name is absolute"));
    }
    if name.contains(['\0', ':']) {
        return Err(refused("its name holds a colon or a NUL"));
    }
    let path = name.strip_suffix('/').unwrap_or(&name);
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused("its name holds `.`, `..` or an empty component"));
    }
    match file_type(entry) {
        0 | 0o040_000 | 0o100_000 | LINK => Ok(name),
        _ => Err(refused("it is neither a file, a directory nor a link")),
    }
}

/// Writes one file and says how many bytes it had, or `None` when they were more than the cap.
/// What the archive claims of its size does not count.
fn write<R: Read>(
    entry: &mut ZipFile<'_, R>,
    relative: &str,
    destination: &Path,
    cap: u64,
) -> Result<Option<u64>, ArchiveError> {
    let is_program = entry.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
    let mode = if is_program { 0o755 } else { 0o644 };
    let mut file = create(destination, relative, Permissions::from_mode(mode))?;
    let written =
        io::copy(&mut entry.take(cap + 1), &mut file).map_err(|source| match source.kind() {
            // The decompressor's words for bytes that do not decompress or do not match their checksum.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                ArchiveError::NotAZip(format!("{relative}: {source}"))
            }
            _ => failed(relative, source),
        })?;
    Ok((written <= cap).then_some(written))
}

/// A new file below the destination, and the directories above it.
pub(super) fn create(
    destination: &Path,
    relative: &str,
    permissions: Permissions,
) -> Result<File, ArchiveError> {
    let path = destination.join(relative);
    let parent = path.parent().unwrap_or(destination);
    fs::create_dir_all(parent).map_err(|source| occupied(relative, source))?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(permissions.mode() & 0o777)
        .open(&path)
        .map_err(|source| occupied(relative, source))
}

/// The destination was empty, so whatever is in the way came from the archive itself.
fn occupied(relative: &str, source: io::Error) -> ArchiveError {
    match source.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            ArchiveError::Duplicate(relative.to_owned())
        }
        _ => failed(relative, source),
    }
}

pub(super) fn failed(what: &str, source: io::Error) -> ArchiveError {
    ArchiveError::Io {
        what: what.to_owned(),
        source,
    }
}

fn not_a_zip(error: zip::result::ZipError) -> ArchiveError {
    match error {
        zip::result::ZipError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            failed("the archive", source)
        }
        other => ArchiveError::NotAZip(other.to_string()),
    }
}

pub(super) fn too_large(what: &str, limit: u64, unit: &'static str) -> ArchiveError {
    ArchiveError::TooLarge {
        what: what.to_owned(),
        limit,
        unit,
    }
}
