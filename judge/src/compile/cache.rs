//! Compiled programs on disk, by key.
//!
//! An entry is a directory `<key>/` with `files/` (what is mounted) and `manifest.json` (its key, and a digest of every file). It is written beside the
//! others under a temporary name and renamed, so that a reader sees all of it or nothing. Nothing waits for the disk, so after a power cut an entry may
//! be there in part. Every read checks the key, the digests and that nothing else is there: an entry that is not as it was written counts as missing. A reader holds a shared lock on the manifest as long as it uses the entry, and eviction takes it exclusively first, so
//! that several evaluators may share one directory. The oldest use, by the manifest's modification time, goes first.

mod entry;

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

pub(crate) use entry::{ArtefactFile, Manifest};
use entry::{FILES, MANIFEST};

use crate::Fault;

/// How old a temporary directory is before it counts as left behind.
const STALE: Duration = Duration::from_secs(3600);

/// A compiled program, held against eviction until dropped.
#[derive(Debug)]
pub(crate) struct Artefact {
    /// The directory to show to the program.
    pub(crate) files: PathBuf,
    pub(crate) manifest: Manifest,
    /// The shared lock.
    _lease: File,
}

impl Artefact {
    /// Sum of the files' sizes.
    pub(crate) fn bytes(&self) -> u64 {
        self.manifest.files.iter().map(|file| file.bytes).sum()
    }
}

/// The directory of compiled programs.
#[derive(Debug)]
pub(crate) struct ArtefactCache {
    root: PathBuf,
    max_bytes: u64,
    /// What this process believes the entries weigh; corrected whenever it evicts.
    bytes: AtomicU64,
}

impl ArtefactCache {
    /// Opens or makes the directory.
    pub(crate) fn open(root: PathBuf, max_bytes: u64) -> Result<ArtefactCache, Fault> {
        fs::create_dir_all(&root).map_err(Fault::io("create", &root))?;
        sweep(&root);
        let cache = ArtefactCache {
            root,
            max_bytes,
            bytes: AtomicU64::new(0),
        };
        let total = cache.entries()?.iter().map(|entry| entry.bytes).sum();
        cache.bytes.store(total, Ordering::Relaxed);
        Ok(cache)
    }

    /// The entry, if it is there and whole.
    pub(crate) fn get(&self, key: &str) -> Option<Artefact> {
        let directory = self.root.join(key);
        let lease = lock_shared(&directory.join(MANIFEST))?;
        let mut text = String::new();
        (&lease).read_to_string(&mut text).ok()?;
        let manifest: Manifest = serde_json::from_str(&text).ok()?;
        let files = directory.join(FILES);
        if manifest.key != key || !manifest.describes(&files) {
            tracing::warn!(
                artefact.key = key,
                "a compiled program was damaged and is built again"
            );
            return None;
        }
        // Its last use, for the eviction order; a failure only makes it look older.
        let _ = lease.set_modified(SystemTime::now());
        Some(Artefact {
            files,
            manifest,
            _lease: lease,
        })
    }

    /// Publishes an entry, replacing a damaged one, and makes room for it.
    pub(crate) fn put(
        &self,
        key: &str,
        files: &[ArtefactFile],
        entry_point: String,
        compile_log: String,
    ) -> Result<Artefact, Fault> {
        let staging = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&self.root)
            .map_err(Fault::io("create a directory in", &self.root))?;
        let manifest = Manifest::new(key, files, entry_point, compile_log);
        entry::write(staging.path(), files, &manifest)?;
        let directory = self.root.join(key);
        if fs::rename(staging.path(), &directory).is_err() {
            // Somebody else was quicker, or a damaged entry is in the way.
            if let Some(artefact) = self.get(key) {
                return Ok(artefact);
            }
            self.discard(&directory)?;
            fs::rename(staging.path(), &directory).map_err(Fault::io("publish", &directory))?;
        }
        let _ = staging.keep();
        let artefact = self.get(key).ok_or_else(|| Fault::Io {
            action: "read back",
            path: directory,
            cause: std::io::Error::other("the entry just written is damaged"),
        })?;
        let total = self.bytes.fetch_add(artefact.bytes(), Ordering::Relaxed) + artefact.bytes();
        if total > self.max_bytes {
            self.evict()?;
        }
        Ok(artefact)
    }

    /// Drops the least recently used entries until a tenth of the bound is free.
    fn evict(&self) -> Result<(), Fault> {
        let mut entries = self.entries()?;
        entries.sort_by_key(|entry| entry.used);
        let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in &entries {
            if total <= self.max_bytes / 10 * 9 {
                break;
            }
            if is_free(&entry.directory) {
                self.discard(&entry.directory)?;
                total -= entry.bytes;
            }
        }
        self.bytes.store(total, Ordering::Relaxed);
        Ok(())
    }

    /// Takes an entry out of sight in one step, then deletes it.
    fn discard(&self, directory: &Path) -> Result<(), Fault> {
        let bin = tempfile::Builder::new()
            .prefix(".old-")
            .tempdir_in(&self.root)
            .map_err(Fault::io("create a directory in", &self.root))?;
        match fs::rename(directory, bin.path().join("entry")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Fault::io("discard", directory)(error))
            }
            _ => Ok(()),
        }
    }

    fn entries(&self) -> Result<Vec<Entry>, Fault> {
        let listing = fs::read_dir(&self.root).map_err(Fault::io("list", &self.root))?;
        // Entries that vanish while we look were evicted by somebody else.
        Ok(listing
            .flatten()
            .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
            .filter_map(|entry| Entry::read(entry.path()))
            .collect())
    }
}

/// An entry as eviction sees it.
struct Entry {
    directory: PathBuf,
    used: SystemTime,
    bytes: u64,
}

impl Entry {
    fn read(directory: PathBuf) -> Option<Entry> {
        let path = directory.join(MANIFEST);
        let used = fs::metadata(&path).ok()?.modified().ok()?;
        let manifest: Manifest = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        Some(Entry {
            directory,
            used,
            bytes: manifest.files.iter().map(|file| file.bytes).sum(),
        })
    }
}

/// Deletes what a killed process left half-made or half-deleted an hour ago; nobody takes that long.
fn sweep(root: &Path) {
    let is_old = |entry: &fs::DirEntry| {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.map(|time| time.elapsed().unwrap_or_default());
        age.is_ok_and(|age| age > STALE)
    };
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b".") && is_old(&entry) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The manifest, opened and locked, unless it was taken away in between.
fn lock_shared(manifest: &Path) -> Option<File> {
    let file = File::options().read(true).write(true).open(manifest).ok()?;
    file.lock_shared().ok()?;
    let there = fs::metadata(manifest).ok()?;
    let ours = file.metadata().ok()?;
    (there.dev() == ours.dev() && there.ino() == ours.ino()).then_some(file)
}

/// Whether nobody holds a lease on the entry.
fn is_free(directory: &Path) -> bool {
    File::open(directory.join(MANIFEST)).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(test)]
mod tests;
