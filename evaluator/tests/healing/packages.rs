//! A package store that is away.

use std::fs;
use std::io::Cursor;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use evaluator::config::ProblemSource;
use judge::package::{archive, package_digest};
use schemas::{Problem, headers, topics};
use tempfile::TempDir;

use crate::support::endpoint::{free_address, ready_with};
use crate::support::{Cluster, Running, jury, problems};
use crate::told;

/// A problem directory whose file system can be away: it is empty then.
struct Store {
    mounted: TempDir,
    elsewhere: TempDir,
}

impl Store {
    fn new() -> anyhow::Result<Self> {
        let store = Self {
            mounted: tempfile::tempdir()?,
            elsewhere: tempfile::tempdir()?,
        };
        let copied = Command::new("cp")
            .arg("-r")
            .arg(problems().join("lanterns"))
            .arg(store.elsewhere.path())
            .status()?;
        anyhow::ensure!(copied.success());
        Ok(store)
    }

    fn source(&self) -> ProblemSource {
        ProblemSource::Directory(self.mounted.path().to_owned())
    }

    fn comes_back(&self) -> anyhow::Result<()> {
        let [there, here] = [&self.elsewhere, &self.mounted].map(|it| it.path().join("lanterns"));
        Ok(fs::rename(there, here)?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_waits_for_a_store_that_is_away() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let store = Store::new()?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        config.problems = store.source();
    })?;
    let waiting = jury("lanterns", "accepted/lantern.py")?;
    cluster.submit(topics::SUBMISSIONS, &waiting).await?;
    let answer = ready_with(&address, "packages are missed").await?;
    assert!(answer.contains("is it mounted?"), "{answer}");
    store.comes_back()?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Ac");
    ready_with(&address, "200 OK").await?;
    running.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stays_away_is_a_judge_error_when_patience_is_over() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let store = Store::new()?;
    let running = Running::start(&cluster, |config| {
        config.problems = store.source();
        config.patience = Duration::ZERO;
    })?;
    let hopeless = jury("lanterns", "accepted/lantern.py")?;
    cluster.submit(topics::SUBMISSIONS, &hopeless).await?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Je package-unavailable");
    let letter = cluster.next_dead_letter().await?;
    assert_eq!(letter.payload, schemas::codec::encode(&hopeless)?);
    running.stop().await
}

/// The one package of an HTTP store that nobody serves yet.
struct HttpStore {
    digest: String,
    archive: Vec<u8>,
    address: String,
}

impl HttpStore {
    fn new() -> anyhow::Result<Self> {
        let package = problems().join("lanterns");
        let mut archive = Cursor::new(Vec::new());
        archive::pack(&package, &mut archive)?;
        Ok(Self {
            digest: package_digest(&package)?,
            archive: archive.into_inner(),
            address: free_address()?,
        })
    }

    async fn announce(&self, cluster: &Cluster) -> anyhow::Result<()> {
        let problem = Problem {
            problem_id: "lanterns".to_owned(),
            package_digest: self.digest.clone(),
            time_limit_ms: 2_000,
            ..Problem::default()
        };
        let payload = schemas::codec::encode(&problem)?;
        let headers = headers::Headers::default();
        cluster
            .publish(topics::PROBLEMS, "lanterns", payload, headers)
            .await
    }

    async fn comes_back(self) -> anyhow::Result<()> {
        let path = format!("/{}.zip", self.digest);
        let archive = self.archive;
        let served = Router::new().route(&path, get(async move || archive.clone()));
        let listener = tokio::net::TcpListener::bind(&self.address).await?;
        tokio::spawn(async { axum::serve(listener, served).await });
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_waits_for_a_store_that_nobody_serves() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let store = HttpStore::new()?;
    store.announce(&cluster).await?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        config.problems = ProblemSource::Store(format!("http://{}", store.address));
    })?;
    let waiting = jury("lanterns", "accepted/lantern.py")?;
    cluster.submit(topics::SUBMISSIONS, &waiting).await?;
    ready_with(&address, "packages are missed").await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    store.comes_back().await?;
    let (_, verdict) = cluster.next_verdict().await?;
    assert_eq!(told(&verdict), "Ac", "{verdict:?}");
    ready_with(&address, "200 OK").await?;
    running.stop().await
}
