//! The digest of a package: what a judgement refers to, so that an edit never changes one.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::PackageError;
use super::tree::{self, Tree};

/// Changes when the way of counting changes, so that two ways never give one digest.
const DOMAIN: &[u8] = b"tribunal package digest 1\n";

/// Hex SHA-256 over the sorted list of (relative path, length, SHA-256 of the content) of every
/// file that counts. Dotfiles and other names that the format ignores do not.
///
/// # Errors
/// When a file cannot be read, or the directory is no possible package (links out, too large).
pub fn package_digest(dir: &Path) -> Result<String, PackageError> {
    of_tree(&Tree::walk(dir)?)
}

pub(super) fn of_tree(tree: &Tree) -> Result<String, PackageError> {
    let mut whole = Sha256::new_with_prefix(DOMAIN);
    whole.update((tree.files.len() as u64).to_be_bytes());
    for (relative, entry) in &tree.files {
        let (length, content) =
            of_file(&entry.path).map_err(|source| tree::io(&entry.path, source))?;
        whole.update((relative.len() as u64).to_be_bytes());
        whole.update(relative);
        whole.update(length.to_be_bytes());
        whole.update(content);
    }
    Ok(hex(&whole.finalize()))
}

fn of_file(path: &Path) -> io::Result<(u64, [u8; 32])> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((length, hash.finalize().into()));
        }
        length += read as u64;
        hash.update(&buffer[..read]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
