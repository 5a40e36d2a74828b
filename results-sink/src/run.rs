//! The sink as a running role.

use anyhow::Context;
use kafka::{ClientConfig, Producer, ReaderConfig, Survey};
use prometheus::Registry;
use schemas::topics::{self, Profile};
use service::ProjectionRole;
use store::Database;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::leading::lead;
use crate::outbox::Publisher;
use crate::reconcile::{ReconcileConfig, Reconciler};
use crate::{Metrics, Sink, verdicts};

/// The group of all sinks that record into one database.
pub const GROUP_ID: &str = "results-sink";

/// The topics a sink reads.
pub const TOPICS: [&str; 3] = [
    topics::SUBMISSIONS,
    topics::SUBMISSIONS_BULK,
    topics::VERDICTS,
];

/// The topics a sink writes to, beside the bulk lane.
const WRITTEN: &[&str] = &[topics::VERDICTS_LATEST];

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
    /// How lost judgements are found, if at all.
    pub reconcile: Option<ReconcileConfig>,
    /// Where to serve health and metrics, if anywhere.
    pub http: Option<String>,
    /// Where to register metrics.
    pub registry: Registry,
}

impl SinkConfig {
    /// A sink without endpoints, contract check or reconciler.
    pub fn new(client: ClientConfig, database_url: impl Into<String>) -> Self {
        Self {
            client,
            contract: None,
            database_url: database_url.into(),
            batch_records: 500,
            reconcile: None,
            http: None,
            registry: Registry::new(),
        }
    }
}

/// Records what the client lanes and `verdicts` say, and sends what the outbox holds, until told to stop.
pub async fn run(config: SinkConfig, stop: CancellationToken) -> anyhow::Result<()> {
    let metrics = Metrics::new(&config.registry).context("failed to register metrics")?;
    let mut reader = ReaderConfig::new(config.client.clone(), GROUP_ID, TOPICS);
    reader.batch_records = config.batch_records;
    let role = ProjectionRole {
        reader,
        writes: WRITTEN,
        max_rate: None,
        contract: config.contract,
        database_url: config.database_url,
        http: config.http,
        registry: config.registry,
    };
    let mut duties = JoinSet::new();
    let make = async |database: &Database| {
        metrics.set_divergences(verdicts::divergences(database).await?);
        let named = |part| {
            let client = &config.client;
            client.named(format!("{}-{part}", client.client_id))
        };
        let producer = Producer::new(&named("outbox"))?;
        let publisher = Publisher::new(database.clone(), producer, metrics.clone());
        duties.spawn(lead(
            publisher,
            database.clone(),
            metrics.clone(),
            stop.clone(),
        ));
        if let Some(reconcile) = config.reconcile {
            let survey = Survey::new(named("reconciler"));
            let reconciler = Reconciler::new(database.clone(), survey, reconcile, metrics.clone());
            duties.spawn(lead(
                reconciler,
                database.clone(),
                metrics.clone(),
                stop.clone(),
            ));
        }
        Ok(Sink::new(metrics.clone()))
    };
    let ended = role.run(make, stop.clone()).await;
    duties.shutdown().await;
    ended
}
