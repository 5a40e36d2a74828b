//! Packages as published: the `problems` topic says which, the object store has them, the cache keeps them.

use std::sync::Arc;
use std::time::Duration;

use judge::package::Package;

use super::archives::ArchiveError;
use super::cache::{CacheError, is_digest};
use super::single_flight::SingleFlight;
use super::{Archives, Cache, PackageError, ProblemTable, Resolved};

/// The published packages.
#[derive(Debug)]
pub(crate) struct Published {
    table: ProblemTable,
    archives: Arc<Archives>,
    cache: Arc<Cache>,
    fetching: SingleFlight<String, Result<Arc<Package>, FetchError>>,
}

#[derive(Clone, Debug)]
enum FetchError {
    Missing,
    Broken(String),
    Unavailable(String),
}

impl Published {
    pub(crate) fn new(table: ProblemTable, archives: Archives, cache: Cache) -> Self {
        Self {
            table,
            archives: Arc::new(archives),
            cache: Arc::new(cache),
            fetching: SingleFlight::default(),
        }
    }

    pub(super) async fn resolve(
        &self,
        problem_id: &str,
        digest: Option<&str>,
    ) -> Result<Resolved, PackageError> {
        let unavailable = |error: anyhow::Error| PackageError::Unavailable {
            problem_id: problem_id.to_owned(),
            detail: format!("{error:#}"),
        };
        let problem = self.table.get(problem_id).await.map_err(unavailable)?;
        let Some(problem) = problem else {
            let problem_id = problem_id.to_owned();
            return Err(PackageError::UnknownProblem { problem_id });
        };
        let digest = digest.unwrap_or(&problem.package_digest);
        let loaded = self.package(digest).await;
        let loaded = loaded.map_err(|error| error.of(problem_id, digest))?;
        // What was computed for one package says nothing about another version of it.
        let published_time_limit = (digest == problem.package_digest)
            .then(|| {
                u64::try_from(problem.time_limit_ms)
                    .ok()
                    .filter(|&ms| ms > 0)
            })
            .flatten()
            .map(Duration::from_millis);
        Ok(Resolved {
            package: loaded,
            published_time_limit,
        })
    }

    async fn package(&self, digest: &str) -> Result<Arc<Package>, FetchError> {
        if !is_digest(digest) {
            return Err(FetchError::Missing);
        }
        match self.cache.get(digest) {
            Some(loaded) => Ok(loaded),
            None => {
                let key = digest.to_owned();
                self.fetching
                    .run(&key, async || self.fetch(digest.to_owned()).await)
                    .await
            }
        }
    }

    async fn fetch(&self, digest: String) -> Result<Arc<Package>, FetchError> {
        let (cache, wanted) = (Arc::clone(&self.cache), digest.clone());
        if let Some(kept) = blocking(move || cache.open_kept(&wanted)).await? {
            return Ok(kept);
        }
        let archive = self.archives.fetch(&digest).await?;
        let cache = Arc::clone(&self.cache);
        Ok(blocking(move || cache.insert(&digest, &archive)).await??)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, FetchError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| FetchError::Unavailable(error.to_string()))
}

impl FetchError {
    fn of(self, problem_id: &str, digest: &str) -> PackageError {
        let problem_id = problem_id.to_owned();
        match self {
            Self::Missing => PackageError::UnknownDigest {
                problem_id,
                digest: digest.to_owned(),
            },
            Self::Broken(detail) => PackageError::Broken { problem_id, detail },
            Self::Unavailable(detail) => PackageError::Unavailable { problem_id, detail },
        }
    }
}

impl From<ArchiveError> for FetchError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Missing(_) => Self::Missing,
            ArchiveError::Away(detail) => Self::Unavailable(detail),
        }
    }
}

impl From<CacheError> for FetchError {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::DigestMismatch { .. } | CacheError::Broken(_) => {
                Self::Broken(error.to_string())
            }
            CacheError::Disk(_) => Self::Unavailable(error.to_string()),
        }
    }
}
