//! Compiled programs on disk, by key.
//!
//! An entry is a directory `<key>/` with `files/` (what is mounted) and `manifest.json` (a digest of every file). It is written beside the
//! others under a temporary name and renamed, so that a reader sees all of it or nothing. Every read checks the digests: a damaged entry counts as
//! missing. A reader holds a shared lock on the manifest as long as it uses the entry, and eviction takes it exclusively first, so
//! that several evaluators may share one directory. The oldest use, by the manifest's modification time, goes first.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::key::content_digest;
use crate::Fault;

/// How old a temporary directory is before it counts as left behind.
const STALE: Duration = Duration::from_secs(3600);

/// One file of a compiled program.
#[derive(Clone, Debug)]
pub(crate) struct ArtefactFile {
    /// Path below the program's directory.
    pub(crate) path: PathBuf,
    pub(crate) executable: bool,
    pub(crate) content: Vec<u8>,
}

/// A compiled program, held against eviction until dropped.
#[derive(Debug)]
pub(crate) struct Artefact {
    /// The directory to show to the program.
    pub(crate) files: PathBuf,
    pub(crate) manifest: Manifest,
    /// The shared lock.
    _lease: File,
}

/// What `manifest.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The main file or class that was found.
    pub(crate) entry_point: String,
    /// The compiler's warnings.
    pub(crate) compile_log: String,
    pub(crate) files: Vec<ManifestFile>,
}

/// One file as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ManifestFile {
    pub(crate) path: PathBuf,
    pub(crate) executable: bool,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
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
        let lease = lock_shared(&directory.join("manifest.json"))?;
        let mut text = String::new();
        (&lease).read_to_string(&mut text).ok()?;
        let manifest: Manifest = serde_json::from_str(&text).ok()?;
        let files = directory.join("files");
        if !manifest.files.iter().all(|file| is_intact(&files, file)) {
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
        let manifest = Manifest {
            entry_point,
            compile_log,
            files: files.iter().map(manifest_file).collect(),
        };
        write_entry(staging.path(), files, &manifest)?;
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
        let path = directory.join("manifest.json");
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
    File::open(directory.join("manifest.json")).is_ok_and(|file| file.try_lock().is_ok())
}

fn is_intact(directory: &Path, expected: &ManifestFile) -> bool {
    let path = directory.join(&expected.path);
    let executable = |file: &fs::Metadata| file.permissions().mode() & 0o111 != 0;
    fs::symlink_metadata(&path)
        .is_ok_and(|file| file.is_file() && executable(&file) == expected.executable)
        && fs::read(&path).is_ok_and(|content| content_digest(&content) == expected.sha256)
}

fn manifest_file(file: &ArtefactFile) -> ManifestFile {
    ManifestFile {
        path: file.path.clone(),
        executable: file.executable,
        bytes: file.content.len() as u64,
        sha256: content_digest(&file.content),
    }
}

/// Writes an entry below `directory`, readable for the program's user whatever our umask is.
fn write_entry(directory: &Path, files: &[ArtefactFile], manifest: &Manifest) -> Result<(), Fault> {
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(Fault::io("set the mode of", path))
    };
    let base = directory.join("files");
    fs::create_dir(&base).map_err(Fault::io("create", &base))?;
    mode(&base, 0o755)?;
    for file in files {
        let mut place = base.clone();
        for component in file.path.components() {
            // The names come from a directory that a program shaped.
            let Component::Normal(name) = component else {
                return Err(Fault::io("write", &file.path)(std::io::Error::other(
                    "not a plain relative path",
                )));
            };
            if place != base && !place.exists() {
                fs::create_dir(&place).map_err(Fault::io("create", &place))?;
                mode(&place, 0o755)?;
            }
            place.push(name);
        }
        fs::write(&place, &file.content).map_err(Fault::io("write", &place))?;
        mode(&place, if file.executable { 0o755 } else { 0o644 })?;
    }
    let path = directory.join("manifest.json");
    let text = serde_json::to_vec(manifest)
        .map_err(std::io::Error::from)
        .map_err(Fault::io("encode", &path))?;
    fs::write(&path, text).map_err(Fault::io("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(content: &str) -> Vec<ArtefactFile> {
        vec![ArtefactFile {
            path: PathBuf::from("package/Main.class"),
            executable: false,
            content: content.as_bytes().to_vec(),
        }]
    }

    fn put(cache: &ArtefactCache, key: &str, content: &str) -> anyhow::Result<Artefact> {
        Ok(cache.put(key, &program(content), "Main".into(), "log".into())?)
    }

    #[test]
    fn what_is_put_is_found_again_by_another_process() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        put(&ArtefactCache::open(root.path().into(), 1 << 20)?, "k", "x")?;
        let artefact = ArtefactCache::open(root.path().into(), 1 << 20)?.get("k");
        let artefact = artefact.ok_or_else(|| anyhow::anyhow!("missing"))?;
        assert_eq!(artefact.manifest.entry_point, "Main");
        assert_eq!(artefact.manifest.compile_log, "log");
        let path = artefact.files.join("package/Main.class");
        assert_eq!(fs::read(path)?, b"x");
        Ok(())
    }

    #[test]
    fn a_damaged_entry_counts_as_missing_and_is_replaced() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let cache = ArtefactCache::open(root.path().into(), 1 << 20)?;
        for damage in ["content", "mode", "manifest", "gone"] {
            let artefact = put(&cache, "k", "true program")?;
            let file = artefact.files.join("package/Main.class");
            drop(artefact);
            match damage {
                "content" => fs::write(&file, "poisoned")?,
                "mode" => fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?,
                "manifest" => fs::write(root.path().join("k/manifest.json"), "{")?,
                _ => fs::remove_file(&file)?,
            }
            assert!(cache.get("k").is_none(), "{damage}");
            let rebuilt = put(&cache, "k", "true program")?;
            assert_eq!(
                fs::read(rebuilt.files.join("package/Main.class"))?,
                b"true program"
            );
        }
        Ok(())
    }

    #[test]
    fn the_least_recently_used_goes_first_and_nothing_in_use_goes() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let cache = ArtefactCache::open(root.path().into(), 100)?;
        let kilo = "x".repeat(40);
        let held = put(&cache, "held", &kilo)?;
        drop(put(&cache, "idle", &kilo)?);
        for (age, key) in [(20, "held"), (10, "idle")] {
            let manifest = File::options()
                .write(true)
                .open(root.path().join(key).join("manifest.json"))?;
            manifest.set_modified(SystemTime::now() - Duration::from_secs(age))?;
        }
        drop(put(&cache, "new", &kilo)?);
        assert!(cache.get("held").is_some(), "it is in use");
        assert!(cache.get("idle").is_none(), "it was the oldest not in use");
        assert!(cache.get("new").is_some());
        drop(held);
        Ok(())
    }

    #[test]
    fn what_a_killed_process_left_is_swept_away() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        for (name, age) in [(".new-old", STALE * 2), (".new-young", Duration::ZERO)] {
            fs::create_dir(root.path().join(name))?;
            let directory = File::open(root.path().join(name))?;
            directory.set_modified(SystemTime::now() - age)?;
        }
        ArtefactCache::open(root.path().into(), 100)?;
        assert!(!root.path().join(".new-old").exists());
        assert!(root.path().join(".new-young").exists());
        Ok(())
    }

    #[test]
    fn a_path_that_leaves_the_directory_is_refused() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let cache = ArtefactCache::open(root.path().into(), 100)?;
        let mut files = program("x");
        files[0].path = PathBuf::from("../../escape");
        assert!(
            cache
                .put("k", &files, String::new(), String::new())
                .is_err()
        );
        Ok(())
    }
}
