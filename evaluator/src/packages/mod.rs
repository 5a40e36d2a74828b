//! Problem packages: where they come from, and the copies kept on this host.
//!
//! A judgement holds an `Arc` of the package it judges with. That is what "in use" means for the cache, and why a
//! package that changes or leaves the cache never changes under a running judgement.

mod archives;
mod cache;
mod directory;
#[cfg(test)]
mod fixture;
mod published;
mod single_flight;
mod table;

use std::sync::Arc;
use std::time::Duration;

use judge::package::Package;

pub use archives::Archives;
pub(crate) use cache::Cache;
pub(crate) use directory::Directory;
pub(crate) use published::Published;
pub(crate) use table::ProblemTable;

/// A package with what was published about it.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// The package.
    pub(crate) package: Arc<Package>,
    /// The time limit that was computed when the problem was published.
    pub(crate) published_time_limit: Option<Duration>,
}

/// Why there is no package to judge with. None of these is the submitter's doing, except that the problem may not exist.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum PackageError {
    /// Nobody published this problem.
    #[error("problem `{problem_id}` is not known")]
    UnknownProblem {
        /// What the submission named.
        problem_id: String,
    },
    /// The submission names a version of the problem that is not to be had here.
    #[error("problem `{problem_id}` has no package with digest {digest} here")]
    UnknownDigest {
        /// What the submission named.
        problem_id: String,
        /// The digest it named.
        digest: String,
    },
    /// The package is there and cannot be judged with.
    #[error("package of problem `{problem_id}` is broken: {detail}")]
    Broken {
        /// The problem.
        problem_id: String,
        /// What is wrong.
        detail: String,
    },
    /// The store, the disk or the `problems` topic did not answer; another time it may.
    #[error("package of problem `{problem_id}` could not be fetched: {detail}")]
    Unavailable {
        /// The problem.
        problem_id: String,
        /// What failed.
        detail: String,
    },
}

/// Where packages come from.
#[derive(Debug)]
pub(crate) enum Packages {
    /// A directory with one package directory for each problem.
    Directory(Directory),
    /// The `problems` topic and an object store.
    Published(Published),
}

impl Packages {
    /// The digest by which another evaluator finds this very package. Directories have no versions: each host's own is current.
    pub(crate) fn digest_elsewhere(&self, resolved: &Resolved) -> Option<String> {
        match self {
            Self::Directory(_) => None,
            Self::Published(_) => Some(resolved.package.digest.clone()),
        }
    }

    /// The package to judge a submission with: the one it names by digest, or else the problem's current one.
    pub(crate) async fn resolve(
        &self,
        problem_id: &str,
        digest: Option<&str>,
    ) -> Result<Resolved, PackageError> {
        // The id becomes a path: whatever is not a plain id names no problem.
        if schemas::check_problem_id(problem_id).is_err() {
            let problem_id = problem_id.to_owned();
            return Err(PackageError::UnknownProblem { problem_id });
        }
        match self {
            Self::Directory(directory) => directory.resolve(problem_id, digest).await,
            Self::Published(published) => published.resolve(problem_id, digest).await,
        }
    }
}
