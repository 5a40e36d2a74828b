//! `analytics run`.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use service::{DatabaseArgs, KafkaArgs, config, shutdown};

use crate::{AnalyticsConfig, GROUP_ID};

#[derive(Args, Debug, Serialize)]
pub(super) struct RunArgs {
    /// Settings file (TOML); environment and flags win over it
    #[arg(long, env = "TRIBUNAL_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    kafka: KafkaArgs,
    #[command(flatten)]
    #[serde(flatten)]
    database: DatabaseArgs,
    /// The consumer group, and the name its state is kept under [default: analytics]
    #[arg(long, env = "TRIBUNAL_GROUP", value_name = "NAME")]
    group: Option<String>,
    /// Let a new group come into being, which replays the log from its beginning; a known one goes
    /// on where it is
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    from_beginning: bool,
    /// Read at most so many records a second
    #[arg(long, env = "TRIBUNAL_MAX_RATE", value_name = "N")]
    max_rate: Option<u32>,
    /// Serve health and metrics here [default: 0.0.0.0:9103]
    #[arg(long, env = "TRIBUNAL_HTTP", value_name = "HOST:PORT")]
    http: Option<String>,
}

/// What the layers mean together.
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Settings {
    #[serde(flatten)]
    kafka: KafkaArgs,
    #[serde(flatten)]
    database: DatabaseArgs,
    group: String,
    from_beginning: bool,
    max_rate: Option<u32>,
    http: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kafka: KafkaArgs::default(),
            database: DatabaseArgs::default(),
            group: GROUP_ID.into(),
            from_beginning: false,
            max_rate: None,
            http: "0.0.0.0:9103".into(),
        }
    }
}

impl RunArgs {
    pub(super) async fn execute(self) -> anyhow::Result<()> {
        let settings: Settings = config::layered(self.config.as_deref(), &self)?;
        let stop = shutdown::on_signals()?;
        crate::run(settings.analytics()?, stop).await
    }
}

impl Settings {
    fn analytics(self) -> anyhow::Result<AnalyticsConfig> {
        let client = self.kafka.client_config(&self.group)?;
        Ok(AnalyticsConfig {
            contract: Some(self.kafka.profile()),
            group_id: self.group,
            from_beginning: self.from_beginning,
            max_rate: self.max_rate,
            http: Some(self.http),
            ..AnalyticsConfig::new(client, self.database.url()?)
        })
    }
}
