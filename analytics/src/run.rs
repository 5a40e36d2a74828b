//! Analytics as a running role.

use anyhow::{Context, bail};
use kafka::{ClientConfig, ReaderConfig};
use prometheus::Registry;
use schemas::topics::{self, Profile};
use service::ProjectionRole;
use store::{Database, Offsets};
use tokio_util::sync::CancellationToken;

use crate::{Facts, Metrics};

/// The group of the analytics that runs all the time.
pub const GROUP_ID: &str = "analytics";

/// The topics analytics reads.
pub const TOPICS: [&str; 3] = [
    topics::SUBMISSIONS,
    topics::SUBMISSIONS_BULK,
    topics::VERDICTS,
];

/// How analytics runs.
#[derive(Clone, Debug)]
pub struct AnalyticsConfig {
    /// The cluster.
    pub client: ClientConfig,
    /// Compares the cluster's topics with this profile first; none on the embedded broker.
    pub contract: Option<Profile>,
    /// `postgres://…`, or `sqlite:PATH` in the embedded profile.
    pub database_url: String,
    /// Whose facts: each group reads the log, and keeps its state, for itself.
    pub group_id: String,
    /// Lets a group other than [`GROUP_ID`] come into being, which reads the whole log.
    pub from_beginning: bool,
    /// Records a second at most; none = as fast as it goes.
    pub max_rate: Option<u32>,
    /// Where to serve health and metrics, if anywhere.
    pub http: Option<String>,
    /// Where to register metrics.
    pub registry: Registry,
}

impl AnalyticsConfig {
    /// Analytics without endpoints, contract check or bound.
    pub fn new(client: ClientConfig, database_url: impl Into<String>) -> Self {
        Self {
            client,
            contract: None,
            database_url: database_url.into(),
            group_id: GROUP_ID.into(),
            from_beginning: false,
            max_rate: None,
            http: None,
            registry: Registry::new(),
        }
    }
}

/// Keeps facts about what the client lanes and `verdicts` say, until told to stop.
pub async fn run(config: AnalyticsConfig, stop: CancellationToken) -> anyhow::Result<()> {
    let metrics = Metrics::new(&config.registry).context("failed to register metrics")?;
    let (group_id, from_beginning) = (config.group_id.clone(), config.from_beginning);
    let make = async |database: &Database| {
        if !from_beginning {
            refuse_unknown_group(database, &group_id).await?;
        }
        Ok(Facts::new(group_id.clone(), metrics.clone()))
    };
    role(config).run(make, stop).await
}

fn role(config: AnalyticsConfig) -> ProjectionRole {
    let mut reader = ReaderConfig::new(config.client, config.group_id, TOPICS);
    if let Some(rate) = config.max_rate {
        // A batch is the step of the pace: ten of them a second are smooth enough.
        reader.batch_records = reader.batch_records.min(rate as usize / 10).max(1);
    }
    ProjectionRole {
        writes: &[],
        reader,
        max_rate: config.max_rate,
        contract: config.contract,
        database_url: config.database_url,
        http: config.http,
        registry: config.registry,
    }
}

/// A misspelt name would read the whole log into a group that nobody asks.
async fn refuse_unknown_group(database: &Database, group_id: &str) -> anyhow::Result<()> {
    let known = Offsets::of_group(group_id).read(database).await?;
    if group_id != GROUP_ID && known.is_empty() {
        bail!(
            "group {group_id} has no state yet: give --from-beginning to replay the whole log into it"
        );
    }
    Ok(())
}
