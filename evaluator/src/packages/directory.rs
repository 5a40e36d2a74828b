//! Packages in a directory on this host: a problem is a folder, read again when it has changed.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use judge::package::Package;

use super::single_flight::SingleFlight;
use super::{PackageError, Resolved};

/// How long a package is taken for unchanged without looking.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A directory with one package directory for each problem; its name is the problem id.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    known: Mutex<HashMap<String, Known>>,
    loading: SingleFlight<String, Result<Arc<Package>, PackageError>>,
}

#[derive(Clone, Debug)]
struct Known {
    fingerprint: u64,
    looked_at: Instant,
    loaded: Arc<Package>,
}

impl Directory {
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(
            root.is_dir(),
            "problem directory `{}` is not there",
            root.display()
        );
        Ok(Self {
            root: root.to_owned(),
            known: Mutex::default(),
            loading: SingleFlight::default(),
        })
    }

    pub(super) async fn resolve(
        &self,
        problem_id: &str,
        digest: Option<&str>,
    ) -> Result<Resolved, PackageError> {
        let loaded = match self.known(problem_id) {
            Some(known) if known.looked_at.elapsed() < TRUSTED_FOR => known.loaded,
            known => {
                let key = problem_id.to_owned();
                self.loading
                    .run(&key, async || self.load(problem_id, known).await)
                    .await?
            }
        };
        match digest {
            Some(digest) if digest != loaded.digest => Err(PackageError::UnknownDigest {
                problem_id: problem_id.to_owned(),
                digest: digest.to_owned(),
            }),
            _ => Ok(Resolved {
                package: loaded,
                published_time_limit: None,
            }),
        }
    }

    fn known(&self, problem_id: &str) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(problem_id).cloned()
    }

    async fn load(
        &self,
        problem_id: &str,
        known: Option<Known>,
    ) -> Result<Arc<Package>, PackageError> {
        let (root, id) = (self.root.clone(), problem_id.to_owned());
        let looked = tokio::task::spawn_blocking(move || look(&root, id, known)).await;
        let found = looked.map_err(|error| PackageError::Unavailable {
            problem_id: problem_id.to_owned(),
            detail: error.to_string(),
        })??;
        let loaded = Arc::clone(&found.loaded);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(problem_id.to_owned(), found);
        Ok(loaded)
    }
}

fn look(root: &Path, problem_id: String, known: Option<Known>) -> Result<Known, PackageError> {
    let directory = &root.join(&problem_id);
    if !directory.is_dir() {
        return Err(absent(root, problem_id));
    }
    let looked_at = Instant::now();
    let fingerprint = match fingerprint(directory) {
        Ok(fingerprint) => fingerprint,
        Err(error) => {
            let detail = error.to_string();
            return Err(PackageError::Unavailable { problem_id, detail });
        }
    };
    if let Some(known) = known
        && known.fingerprint == fingerprint
    {
        return Ok(Known { looked_at, ..known });
    }
    match Package::load(directory) {
        Ok(package) => Ok(Known {
            fingerprint,
            looked_at,
            loaded: Arc::new(package),
        }),
        Err(error) => {
            let detail = error.to_string();
            Err(PackageError::Broken { problem_id, detail })
        }
    }
}

/// Nothing at all is there when the directory's file system is not: that tells nothing about one problem.
fn absent(root: &Path, problem_id: String) -> PackageError {
    let any = fs::read_dir(root).and_then(|mut entries| entries.next().transpose());
    let detail = match any {
        Ok(Some(_)) => return PackageError::UnknownProblem { problem_id },
        Ok(None) => "it is empty".to_owned(),
        Err(error) => error.to_string(),
    };
    let root = root.display();
    let detail = format!("the problem directory {root} is away ({detail}); is it mounted?");
    PackageError::Unavailable { problem_id, detail }
}

/// Changes when a file comes, goes or is written. The digest itself would read every byte.
fn fingerprint(directory: &Path) -> io::Result<u64> {
    let mut files = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                waiting.push(entry.path());
            } else {
                files.push((entry.path(), metadata.len(), metadata.modified()?));
            }
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::fixture::write_package;
    use super::*;

    #[tokio::test]
    async fn a_problem_is_read_again_once_it_has_changed() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let problem = root.path().join("hello");
        write_package(&problem, "Before")?;
        let directory = Directory::open(root.path())?;
        let before = directory.resolve("hello", None).await?.package;
        assert_eq!(before.id, "hello");
        let again = directory.resolve("hello", None).await?.package;
        assert!(Arc::ptr_eq(&before, &again), "nothing changed");

        write_package(&problem, "Another name")?;
        directory.distrust();
        let after = directory.resolve("hello", None).await?.package;
        assert_ne!(before.digest, after.digest);
        assert_eq!(
            before.name, "Before",
            "a judgement keeps what it started with"
        );

        let pinned = directory.resolve("hello", Some(&before.digest)).await;
        assert!(matches!(pinned, Err(PackageError::UnknownDigest { .. })));
        assert!(
            directory
                .resolve("hello", Some(&after.digest))
                .await
                .is_ok()
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_directory_that_is_away_says_nothing_about_its_problems() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let directory = Directory::open(root.path())?;
        let unmounted = directory.resolve("hello", None).await;
        assert!(matches!(unmounted, Err(PackageError::Unavailable { .. })));
        fs::remove_dir(root.path())?;
        let gone = directory.resolve("hello", None).await;
        let detail = gone.map_err(|error| error.to_string()).err();
        assert!(detail.is_some_and(|detail| detail.contains("is it mounted?")));
        Ok(())
    }

    #[tokio::test]
    async fn a_missing_problem_is_unknown_and_a_broken_one_is_broken() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        fs::create_dir(root.path().join("empty"))?;
        let directory = Directory::open(root.path())?;
        let missing = directory.resolve("nothere", None).await;
        assert!(
            matches!(missing, Err(PackageError::UnknownProblem { problem_id }) if problem_id == "nothere")
        );
        let broken = directory.resolve("empty", None).await;
        assert!(matches!(broken, Err(PackageError::Broken { .. })));
        assert!(Directory::open(&root.path().join("nothere")).is_err());
        Ok(())
    }

    impl Directory {
        /// As if a while had passed since every package was looked at.
        fn distrust(&self) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            for known in known.values_mut() {
                known.looked_at -= TRUSTED_FOR;
            }
        }
    }
}
