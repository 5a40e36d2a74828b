//! Writing a package as a ZIP.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use zip::write::{SimpleFileOptions, ZipWriter};

use super::ArchiveError;
use crate::package::tree::Tree;

/// Writes the files that count, in order, with no dates and no owners, links as copies.
///
/// # Errors
/// When the directory is no possible package, or a file or the writer fails.
pub fn pack<W: Write + Seek>(dir: &Path, writer: W) -> Result<(), ArchiveError> {
    let mut zip = ZipWriter::new(writer);
    for (relative, entry) in &Tree::walk(dir)?.files {
        let failed = |source| ArchiveError::Io {
            what: relative.clone(),
            source,
        };
        let mut file = File::open(&entry.path).map_err(failed)?;
        let is_program = file.metadata().map_err(failed)?.permissions().mode() & 0o111 != 0;
        zip.start_file(relative.as_str(), options(is_program))
            .map_err(|error| failed(error.into()))?;
        io::copy(&mut file, &mut zip).map_err(failed)?;
    }
    zip.finish().map(drop).map_err(|error| ArchiveError::Io {
        what: "the archive".to_owned(),
        source: error.into(),
    })
}

/// The default date is the fixed first one that ZIP knows.
fn options(is_program: bool) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(if is_program { 0o755 } else { 0o644 })
}
