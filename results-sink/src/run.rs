//! The sink as a running role.

use anyhow::Context;
use kafka::{ClientConfig, ReaderConfig};
use prometheus::Registry;
use schemas::topics::{self, Profile};
use service::{Endpoints, Server, contract};
use store::{ProjectionConfig, ProjectionState};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Metrics, Sink, verdicts};

/// The group of all sinks that record into one database.
pub const GROUP_ID: &str = "results-sink";

/// The topics a sink reads.
pub const TOPICS: [&str; 3] = [
    topics::SUBMISSIONS,
    topics::SUBMISSIONS_BULK,
    topics::VERDICTS,
];

/// How a sink runs.
#[derive(Clone, Debug)]
pub struct SinkConfig {
    /// The cluster.
    pub client: ClientConfig,
    /// Compares the cluster's topics with this profile first; none on the embedded broker.
    pub contract: Option<Profile>,
    /// `postgres://…`, or `sqlite:PATH` in the embedded profile.
    pub database_url: String,
    /// Records in one transaction at most.
    pub batch_records: usize,
    /// Where to serve health and metrics, if anywhere.
    pub http: Option<String>,
    /// Where to register metrics.
    pub registry: Registry,
}

impl SinkConfig {
    /// A sink without endpoints or contract check.
    pub fn new(client: ClientConfig, database_url: impl Into<String>) -> Self {
        Self {
            client,
            contract: None,
            database_url: database_url.into(),
            batch_records: 500,
            http: None,
            registry: Registry::new(),
        }
    }
}

/// Records what the client lanes and `verdicts` say, until told to stop.
pub async fn run(config: SinkConfig, stop: CancellationToken) -> anyhow::Result<()> {
    let (state, readiness) = watch::channel(ProjectionState::Starting);
    // The endpoints outlive the projection: a halted sink still says why it is not ready.
    let serving = CancellationToken::new();
    let server = match &config.http {
        Some(listen) => {
            let reasons = move || readiness.borrow().reasons();
            let endpoints = Endpoints::new(config.registry.clone()).ready(reasons);
            Some(Server::start(listen, endpoints, serving.clone()).await?)
        }
        None => None,
    };
    let ended = record(config, &state, &stop).await;
    serving.cancel();
    if let Some(server) = server {
        server.stopped().await?;
    }
    ended
}

async fn record(
    config: SinkConfig,
    state: &watch::Sender<ProjectionState>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if let Some(profile) = config.contract {
        contract::check(&config.client, profile, &TOPICS).await?;
    }
    let metrics = Metrics::new(&config.registry).context("failed to register metrics")?;
    let connected = store::connect_when_up(&config.database_url, state, stop).await;
    let Some(database) = connected.context("failed to open the database")? else {
        return Ok(());
    };
    metrics.set_divergences(verdicts::divergences(&database).await?);
    let mut reader = ReaderConfig::new(config.client, GROUP_ID, TOPICS);
    reader.batch_records = config.batch_records;
    let projection = ProjectionConfig {
        reader,
        max_rate: None,
    };
    let sink = Sink::new(metrics);
    let ended = store::project(database.clone(), projection, &sink, state, stop).await;
    database.close().await;
    ended.context("the sink stopped recording")
}
