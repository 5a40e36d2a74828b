//! A package as one ZIP file: how it travels to evaluators.
//!
//! [`pack`] is deterministic and holds exactly the files that count, so that a package has the
//! same [`super::package_digest`] before and after. [`unpack`] trusts nothing in the archive: it
//! writes only regular files, only with names that count, only below its destination.

mod links;
mod pack;
mod unpack;

use super::PackageError;

pub use pack::pack;
pub use unpack::{UnpackLimits, unpack};

/// Why an archive could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The directory to pack is no possible package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Our own disk or the stream failed; trying again may help.
    #[error("failed to read or write {what}")]
    Io {
        /// The file or stream.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are no ZIP archive, or a broken one.
    #[error("not a readable zip archive: {0}")]
    NotAZip(String),
    /// A name leads, or tries to lead, out of the archive.
    #[error("refused entry {name:?}: {why}")]
    UnsafeEntry {
        /// The name as written.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two entries claim one path.
    #[error("{0:?} is in the archive twice")]
    Duplicate(String),
    /// It unpacks to more than allowed.
    #[error("{what} unpacks to more than the {limit} {unit} allowed")]
    TooLarge {
        /// The entry, or `the archive`.
        what: String,
        /// The cap.
        limit: u64,
        /// `bytes` or `entries`.
        unit: &'static str,
    },
}
