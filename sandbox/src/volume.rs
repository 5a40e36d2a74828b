//! A writable scratch volume that a program may shape and that we read without trusting it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::SandboxError;

/// A tmpfs of bounded size, shared between a box and its caller.
#[derive(Debug)]
pub struct Volume {}

/// Why a file of a volume could not be had.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// There is no such file, or a symbolic link or a mount is in the way to it.
    #[error("{0}: no such file")]
    Missing(PathBuf),
    /// It is a directory, a pipe, a link, a device, but no regular file.
    #[error("{0}: not a regular file")]
    NotRegular(PathBuf),
    /// It is larger than the caller accepts, or the listing is longer.
    #[error("{path}: more than {cap}")]
    TooLarge {
        /// The file or directory.
        path: PathBuf,
        /// What was accepted.
        cap: u64,
    },
    /// The path is absolute or leads upwards: a mistake of the caller.
    #[error("{0}: not a path beneath the volume")]
    BadPath(PathBuf),
    /// The kernel failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

/// One file found in a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path below the volume's root.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Permission bits.
    pub mode: u32,
}

impl Volume {
    /// A fresh volume of at most `size_bytes` in at most `inodes` files and directories, writable by every box.
    pub fn new(_size_bytes: u64, _inodes: u64) -> Result<Volume, SandboxError> {
        Ok(Volume {})
    }

    /// Writes a file, replacing one that is there, and makes the directories on the way.
    pub fn write(
        &self,
        path: impl AsRef<Path>,
        _content: &[u8],
        _mode: u32,
    ) -> Result<(), VolumeError> {
        Err(VolumeError::Missing(path.as_ref().into()))
    }

    /// Opens a regular file for reading, without following links.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<File, VolumeError> {
        Err(VolumeError::Missing(path.as_ref().into()))
    }

    /// Reads a regular file of at most `cap_bytes`, without following links.
    pub fn read(&self, path: impl AsRef<Path>, _cap_bytes: u64) -> Result<Vec<u8>, VolumeError> {
        Err(VolumeError::Missing(path.as_ref().into()))
    }

    /// Lists the regular files of all directories, sorted by path; an error when there are more than `cap` entries.
    pub fn list(&self, _cap: usize) -> Result<Vec<Entry>, VolumeError> {
        Ok(Vec::new())
    }
}
