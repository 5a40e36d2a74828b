//! Unpacked packages on this host's disk, least recently used out first, never one that is in use.
//!
//! Layout: `<root>/<digest>/package/…`, `<root>/making-<n>/` while one is unpacked, `<root>/leaving-<n>/` while one
//! is deleted. A directory under its digest is complete, because it was renamed there; its digest is checked each time
//! it is loaded, so a copy that the disk has spoiled is fetched again. The cache belongs to one process at a time.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use judge::package::Package;
use judge::package::archive::{self, ArchiveError, UnpackLimits};

/// Why an archive did not become a package in the cache.
#[derive(Debug, thiserror::Error)]
pub(super) enum CacheError {
    /// The bytes are not those of the digest they were asked for by.
    #[error("the archive has digest {found}, not {wanted}")]
    DigestMismatch {
        /// Asked for.
        wanted: String,
        /// Computed from what came.
        found: String,
    },
    /// The archive cannot be unpacked, or what it holds is no package.
    #[error("{0}")]
    Broken(String),
    /// This host's disk failed.
    #[error("failed to keep the package: {0}")]
    Disk(#[from] io::Error),
}

/// The cache.
#[derive(Debug)]
pub(crate) struct Cache {
    root: PathBuf,
    bound_bytes: u64,
    state: Mutex<State>,
    /// Holds the directory's lock for as long as the process lives.
    _lock: File,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<String, Entry>,
    /// Counts uses and temporary names: the higher, the later.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    bytes: u64,
    used: u64,
    loaded: Option<Arc<Package>>,
}

impl Entry {
    fn in_use(&self) -> bool {
        self.loaded
            .as_ref()
            .is_some_and(|loaded| Arc::strong_count(loaded) > 1)
    }
}

impl Cache {
    /// Takes the directory over, with what an earlier process left in it.
    pub(crate) fn open(root: &Path, bound_bytes: u64) -> anyhow::Result<Self> {
        let naming = || format!("failed to open package cache `{}`", root.display());
        fs::create_dir_all(root).with_context(naming)?;
        let lock = File::create(root.join("lock")).with_context(naming)?;
        lock.try_lock().with_context(|| {
            format!(
                "package cache `{}` is in use: give each evaluator its own --cache-dir",
                root.display()
            )
        })?;
        let cache = Self {
            root: root.to_owned(),
            bound_bytes,
            state: Mutex::new(left_behind(root).with_context(naming)?),
            _lock: lock,
        };
        cache.evict(0).with_context(naming)?;
        Ok(cache)
    }

    /// The package, if this process has used it before.
    pub(super) fn get(&self, digest: &str) -> Option<Arc<Package>> {
        let mut state = self.lock();
        state.clock += 1;
        let now = state.clock;
        let entry = state.entries.get_mut(digest)?;
        entry.used = now;
        entry.loaded.clone()
    }

    /// The package, if it is on the disk: reads and checks it. Blocks.
    pub(super) fn open_kept(&self, digest: &str) -> Option<Arc<Package>> {
        if !self.lock().entries.contains_key(digest) {
            return None;
        }
        let loaded = load_checked(&self.root.join(digest), digest);
        let mut state = self.lock();
        match loaded {
            Ok(loaded) => {
                // An entry evicted meanwhile takes its directory along.
                state.entries.get_mut(digest)?.loaded = Some(Arc::clone(&loaded));
                Some(loaded)
            }
            Err(error) => {
                tracing::warn!(package.digest = digest, %error, "a cached package is spoiled; it will be fetched again");
                let left = self.take_out(&mut state, digest).ok()?;
                let _ = fs::remove_dir_all(left);
                None
            }
        }
    }

    /// Unpacks, checks and keeps an archive. Blocks.
    pub(super) fn insert(&self, digest: &str, archive: &[u8]) -> Result<Arc<Package>, CacheError> {
        let making = self.temporary("making");
        let kept = self.keep(digest, archive, &making);
        if kept.is_err() {
            // It may not exist at all; what stays is removed at the next start.
            let _ = fs::remove_dir_all(&making);
        }
        kept
    }

    fn keep(
        &self,
        digest: &str,
        archive: &[u8],
        making: &Path,
    ) -> Result<Arc<Package>, CacheError> {
        let package = making.join("package");
        fs::create_dir_all(&package)?;
        archive::unpack(Cursor::new(archive), &package, &UnpackLimits::default()).map_err(
            |error| match error {
                ArchiveError::Io { source, .. } => CacheError::Disk(source),
                broken => CacheError::Broken(broken.to_string()),
            },
        )?;
        let bytes = size_below(making)?;
        self.evict(bytes)?;
        let place = self.root.join(digest);
        fs::rename(making, &place)?;
        let loaded = load_checked(&place, digest);
        // Nobody else can have it in use: it is not among the entries yet.
        let loaded = loaded.inspect_err(|_| drop(fs::remove_dir_all(&place)))?;
        let mut state = self.lock();
        let entry = Entry {
            bytes,
            used: state.clock,
            loaded: Some(Arc::clone(&loaded)),
        };
        state.entries.insert(digest.to_owned(), entry);
        Ok(loaded)
    }

    /// Makes room for `incoming` bytes, as far as packages that nobody uses allow.
    fn evict(&self, incoming: u64) -> io::Result<()> {
        let mut leaving = Vec::new();
        {
            let mut state = self.lock();
            while state.bytes() + incoming > self.bound_bytes {
                let Some(digest) = state.least_recently_used() else {
                    break;
                };
                leaving.push(self.take_out(&mut state, &digest)?);
            }
        }
        // Deleting may take long: nobody waits for it, the names are already out of the way.
        leaving.iter().try_for_each(fs::remove_dir_all)
    }

    /// Renames an entry's directory out of the way, under the lock, so that nobody starts to use it meanwhile.
    fn take_out(&self, state: &mut State, digest: &str) -> io::Result<PathBuf> {
        state.entries.remove(digest);
        state.clock += 1;
        let leaving = self.root.join(format!("leaving-{}", state.clock));
        fs::rename(self.root.join(digest), &leaving)?;
        Ok(leaving)
    }

    fn temporary(&self, kind: &str) -> PathBuf {
        let mut state = self.lock();
        state.clock += 1;
        self.root.join(format!("{kind}-{}", state.clock))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bytes(&self) -> u64 {
        self.entries.values().map(|entry| entry.bytes).sum()
    }

    fn least_recently_used(&self) -> Option<String> {
        let idle = self.entries.iter().filter(|(_, entry)| !entry.in_use());
        let oldest = idle.min_by_key(|(_, entry)| entry.used)?;
        Some(oldest.0.clone())
    }
}

/// What an earlier process left: whole packages are kept, in the order they were made; halves are deleted.
fn left_behind(root: &Path) -> io::Result<State> {
    let mut whole = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_digest(&name) {
            whole.push((
                entry.metadata()?.modified()?,
                name,
                size_below(&entry.path())?,
            ));
        } else if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    whole.sort();
    let mut state = State::default();
    for (_, digest, bytes) in whole {
        state.clock += 1;
        let used = state.clock;
        state.entries.insert(
            digest,
            Entry {
                bytes,
                used,
                loaded: None,
            },
        );
    }
    Ok(state)
}

fn load_checked(directory: &Path, wanted: &str) -> Result<Arc<Package>, CacheError> {
    let package = Package::load(&directory.join("package"));
    let package = package.map_err(|error| CacheError::Broken(error.to_string()))?;
    if package.digest != wanted {
        return Err(CacheError::DigestMismatch {
            wanted: wanted.to_owned(),
            found: package.digest,
        });
    }
    Ok(Arc::new(package))
}

/// Whether a text may name a package, here and in the store: it becomes a path.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn size_below(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            size_below(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::packed;
    use super::*;

    /// The unpacked size of one of the fixture's packages.
    fn size_of_one(root: &Path) -> anyhow::Result<u64> {
        let (digest, archive) = packed("a")?;
        let cache = Cache::open(root, u64::MAX)?;
        cache.insert(&digest, &archive)?;
        Ok(cache.lock().bytes())
    }

    #[test]
    fn the_least_recently_used_package_leaves_first() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let one = size_of_one(&root.path().join("measured"))?;
        let cache = Cache::open(&root.path().join("cache"), one * 2)?;
        let packages = [packed("a")?, packed("b")?, packed("c")?];
        let [a, b, c] = &packages;
        cache.insert(&a.0, &a.1)?;
        cache.insert(&b.0, &b.1)?;
        assert!(cache.get(&a.0).is_some(), "a is used again");
        cache.insert(&c.0, &c.1)?;
        let kept = packages
            .each_ref()
            .map(|(digest, _)| cache.get(digest).is_some());
        assert_eq!(kept, [true, false, true]);
        assert!(!root.path().join("cache").join(&b.0).exists());
        Ok(())
    }

    #[test]
    fn a_package_in_use_is_never_thrown_out() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let cache = Cache::open(root.path(), 1)?;
        let (a, b) = (packed("a")?, packed("b")?);
        let in_use = cache.insert(&a.0, &a.1)?;
        drop(cache.insert(&b.0, &b.1)?);
        assert!(in_use.cases[0].input.exists());
        assert!(cache.get(&a.0).is_some());
        drop(in_use);
        let c = packed("c")?;
        cache.insert(&c.0, &c.1)?;
        assert!(cache.get(&a.0).is_none() && cache.get(&b.0).is_none());
        Ok(())
    }

    #[test]
    fn an_archive_that_is_not_what_was_asked_for_is_refused_and_leaves_nothing()
    -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let cache = Cache::open(root.path(), u64::MAX)?;
        let (asked, other) = (packed("a")?, packed("b")?);
        let refused = cache.insert(&asked.0, &other.1);
        assert!(
            matches!(refused, Err(CacheError::DigestMismatch { found, .. }) if found == other.0)
        );
        let refused = cache.insert(&asked.0, b"no zip");
        assert!(matches!(refused, Err(CacheError::Broken(_))));
        assert!(cache.get(&asked.0).is_none());
        let left: Vec<_> = fs::read_dir(root.path())?.collect::<io::Result<_>>()?;
        assert_eq!(left.len(), 1, "only the lock: {left:?}");
        Ok(())
    }

    #[test]
    fn a_new_process_finds_whole_packages_and_deletes_halves() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let (a, b) = (packed("a")?, packed("b")?);
        let cache = Cache::open(root.path(), u64::MAX)?;
        cache.insert(&a.0, &a.1)?;
        cache.insert(&b.0, &b.1)?;
        drop(cache);
        fs::create_dir_all(root.path().join("making-7/package"))?;
        // The disk has spoiled b.
        fs::write(
            root.path().join(&b.0).join("package/data/secret/1.ans"),
            "3\n",
        )?;

        let cache = Cache::open(root.path(), u64::MAX)?;
        assert!(!root.path().join("making-7").exists());
        assert!(cache.get(&a.0).is_none(), "not read yet");
        assert!(cache.open_kept(&a.0).is_some());
        assert!(cache.get(&a.0).is_some());
        assert!(cache.open_kept(&b.0).is_none());
        assert!(!root.path().join(&b.0).exists());
        Ok(())
    }

    #[test]
    fn two_processes_do_not_share_a_cache() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let first = Cache::open(root.path(), 1)?;
        let second = Cache::open(root.path(), 1).map(|_| ());
        assert!(second.is_err_and(|error| error.to_string().contains("--cache-dir")));
        drop(first);
        Cache::open(root.path(), 1)?;
        Ok(())
    }

    #[test]
    fn only_a_digest_may_name_a_package() {
        assert!(is_digest(&"0a".repeat(32)));
        for text in [
            "",
            "../../etc",
            &"0A".repeat(32),
            &"0a".repeat(31),
            &"/a".repeat(32),
        ] {
            assert!(!is_digest(text), "{text}");
        }
    }
}
