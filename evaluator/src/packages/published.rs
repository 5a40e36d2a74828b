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
        let is_current = digest == problem.package_digest;
        let loaded = self.package(digest).await.map_err(|error| match error {
            // It was stored before it was announced: a store that does not have it has lost it, or is another one.
            FetchError::Missing if is_current && is_digest(digest) => unavailable(anyhow::anyhow!(
                "the store does not have {digest}.zip, which was published; is the right store mounted?"
            )),
            error => error.of(problem_id, digest),
        })?;
        // What was computed for one package says nothing about another version of it.
        let published_time_limit = is_current
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use axum::extract::{Path, State};
    use axum::http::StatusCode;
    use axum::routing::get;
    use kafka::embedded::Broker;
    use kafka::{ClientConfig, NewRecord, Producer};
    use schemas::{Problem, topics};

    use super::super::fixture::packed;
    use super::*;

    /// An HTTP server with archives, which counts the requests for each.
    #[derive(Clone, Default)]
    struct Store {
        archives: Arc<HashMap<String, Vec<u8>>>,
        requests: Arc<Mutex<Vec<String>>>,
    }

    impl Store {
        fn with(archives: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
            let named = archives
                .into_iter()
                .map(|(digest, bytes)| (format!("{digest}.zip"), bytes));
            Self {
                archives: Arc::new(named.collect()),
                requests: Arc::default(),
            }
        }

        async fn serve(&self) -> anyhow::Result<String> {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("http://{}/packages", listener.local_addr()?);
            let router = axum::Router::new()
                .route("/packages/{name}", get(answer))
                .with_state(self.clone());
            tokio::spawn(async move { axum::serve(listener, router).await });
            Ok(url)
        }

        fn requests(&self) -> usize {
            self.requests.lock().map_or(0, |requests| requests.len())
        }
    }

    async fn answer(
        State(store): State<Store>,
        Path(name): Path<String>,
    ) -> Result<Vec<u8>, StatusCode> {
        if let Ok(mut requests) = store.requests.lock() {
            requests.push(name.clone());
        }
        store
            .archives
            .get(&name)
            .cloned()
            .ok_or(StatusCode::NOT_FOUND)
    }

    struct Setup {
        published: Published,
        client: ClientConfig,
        _broker: Broker,
        _cache: tempfile::TempDir,
    }

    impl Setup {
        async fn new(url: &str) -> anyhow::Result<Self> {
            let broker = Broker::with_topics(&[(topics::PROBLEMS, 3)])?;
            let client = ClientConfig::new(broker.bootstrap_servers(), "test");
            let cache = tempfile::tempdir()?;
            let table = ProblemTable::open(&client).await?;
            let kept = Cache::open(cache.path(), u64::MAX)?;
            Ok(Self {
                published: Published::new(table, Archives::open(url)?, kept),
                client,
                _broker: broker,
                _cache: cache,
            })
        }

        async fn publish(&self, problem_id: &str, digest: &str) -> anyhow::Result<()> {
            let problem = Problem {
                problem_id: problem_id.to_owned(),
                package_digest: digest.to_owned(),
                time_limit_ms: 2_500,
                ..Problem::default()
            };
            let payload = schemas::codec::encode(&problem)?;
            let record = NewRecord::new(topics::PROBLEMS, problem_id, payload);
            Producer::new(&self.client)?.send(record).await?;
            Ok(())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_package_is_fetched_once_for_all_who_ask_at_the_same_time_and_then_kept()
    -> anyhow::Result<()> {
        let (digest, archive) = packed("a")?;
        let store = Store::with([(digest.clone(), archive)]);
        let setup = Setup::new(&store.serve().await?).await?;
        setup.publish("hello", &digest).await?;
        let resolve = || setup.published.resolve("hello", None);
        let (first, second, third) = tokio::join!(resolve(), resolve(), resolve());
        let (first, second, third) = (first?, second?, third?);
        assert_eq!(first.package.digest, digest);
        assert_eq!(
            first.published_time_limit,
            Some(Duration::from_millis(2_500))
        );
        assert!(Arc::ptr_eq(&first.package, &second.package));
        assert!(Arc::ptr_eq(&first.package, &third.package));
        resolve().await?;
        assert_eq!(store.requests(), 1);
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_newest_version_is_judged_with_unless_a_submission_names_another()
    -> anyhow::Result<()> {
        let (old, new) = (packed("old")?, packed("new")?);
        let store = Store::with([old.clone(), new.clone()]);
        let setup = Setup::new(&store.serve().await?).await?;
        setup.publish("hello", &old.0).await?;
        setup.published.resolve("hello", None).await?;
        setup.publish("hello", &new.0).await?;
        setup.published.table.read_to_present_end().await?;
        let current = setup.published.resolve("hello", None).await?;
        assert_eq!(current.package.digest, new.0);
        let named = setup.published.resolve("hello", Some(&old.0)).await?;
        assert_eq!(named.package.digest, old.0);
        assert_eq!(
            named.published_time_limit, None,
            "it was computed for the new version"
        );
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_had_is_told_apart() -> anyhow::Result<()> {
        let (asked, other) = (packed("a")?, packed("b")?);
        let store = Store::with([(asked.0.clone(), other.1)]);
        let setup = Setup::new(&store.serve().await?).await?;
        let unknown = setup.published.resolve("nothere", None).await;
        assert!(matches!(unknown, Err(PackageError::UnknownProblem { .. })));

        setup.publish("mislabelled", &asked.0).await?;
        let mislabelled = setup.published.resolve("mislabelled", None).await;
        assert!(
            matches!(mislabelled, Err(PackageError::Broken { detail, .. }) if detail.contains(&asked.0))
        );

        setup.publish("unstored", &other.0).await?;
        let unstored = setup.published.resolve("unstored", None).await;
        assert!(matches!(unstored, Err(PackageError::Unavailable { .. })));
        let named = packed("c")?.0;
        let named = setup.published.resolve("unstored", Some(&named)).await;
        assert!(matches!(named, Err(PackageError::UnknownDigest { .. })));
        let path = setup
            .published
            .resolve("unstored", Some("../../../etc/passwd"))
            .await;
        assert!(matches!(path, Err(PackageError::UnknownDigest { .. })));
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_is_away_is_our_fault_and_not_the_problems() -> anyhow::Result<()> {
        let (digest, _) = packed("a")?;
        // Nobody listens on a port that was just given back.
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await?
            .local_addr()?;
        let setup = Setup::new(&format!("http://{gone}")).await?;
        setup.publish("hello", &digest).await?;
        let away = setup.published.resolve("hello", None).await;
        assert!(
            matches!(away, Err(PackageError::Unavailable { .. })),
            "{away:?}"
        );
        Ok(())
    }
}
