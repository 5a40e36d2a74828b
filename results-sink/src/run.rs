//! The sink as a running role.

use anyhow::Context;
use kafka::{ClientConfig, ReaderConfig};
use prometheus::Registry;
use schemas::topics::{self, Profile};
use service::ProjectionRole;
use store::Database;
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
    let metrics = Metrics::new(&config.registry).context("failed to register metrics")?;
    let mut reader = ReaderConfig::new(config.client, GROUP_ID, TOPICS);
    reader.batch_records = config.batch_records;
    let role = ProjectionRole {
        reader,
        max_rate: None,
        contract: config.contract,
        database_url: config.database_url,
        http: config.http,
        registry: config.registry,
    };
    let make = async |database: &Database| {
        metrics.set_divergences(verdicts::divergences(database).await?);
        Ok(Sink::new(metrics.clone()))
    };
    role.run(make, stop).await
}
