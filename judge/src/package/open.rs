//! A package as people keep it: a directory, or a ZIP of one.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use tempfile::TempDir;

use super::archive::{self, ArchiveError, UnpackLimits};
use super::{Package, PackageError};

/// A package that can be read from as long as this lives; what was unpacked for it goes away with it.
#[derive(Debug)]
pub struct OpenPackage {
    package: Package,
    _scratch: Option<TempDir>,
}

impl Deref for OpenPackage {
    type Target = Package;

    fn deref(&self) -> &Package {
        &self.package
    }
}

/// Why a package could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is no package, or one that this judge cannot judge wholly.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It is no archive, or one that must not be unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The file cannot be read, or there is no place to unpack it.
    #[error("failed to unpack into a scratch directory: {0}")]
    Io(#[from] io::Error),
}

/// Opens a directory, or a file that is a ZIP of one (`.zip`, `.kpp`), with or without a directory in it.
/// The file's name without its ending is the problem's id.
///
/// # Errors
/// As [`Package::load`] and [`archive::unpack`].
pub fn open(path: &Path) -> Result<OpenPackage, OpenError> {
    if !path.is_file() {
        return Ok(OpenPackage {
            package: Package::load(path)?,
            _scratch: None,
        });
    }
    let scratch = tempfile::Builder::new()
        .prefix("tribunal-package-")
        .tempdir()?;
    let directory = scratch.path().join(path.file_stem().unwrap_or_default());
    archive::unpack(File::open(path)?, &directory, &UnpackLimits::default())?;
    Ok(OpenPackage {
        package: Package::load(&directory)?,
        _scratch: Some(scratch),
    })
}
