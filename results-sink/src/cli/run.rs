//! `results-sink run`.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};
use service::{DatabaseArgs, KafkaArgs, config, shutdown};

use crate::SinkConfig;

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
    /// Records in one transaction at most [default: 500]
    #[arg(long, env = "TRIBUNAL_BATCH_RECORDS", value_name = "N")]
    batch_records: Option<usize>,
    /// Serve health and metrics here [default: 0.0.0.0:9102]
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
    batch_records: usize,
    http: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kafka: KafkaArgs::default(),
            database: DatabaseArgs::default(),
            batch_records: 500,
            http: "0.0.0.0:9102".into(),
        }
    }
}

impl RunArgs {
    pub(super) async fn execute(self) -> anyhow::Result<()> {
        let settings: Settings = config::layered(self.config.as_deref(), &self)?;
        let stop = shutdown::on_signals()?;
        crate::run(settings.sink()?, stop).await
    }
}

impl Settings {
    fn sink(self) -> anyhow::Result<SinkConfig> {
        let client = self.kafka.client_config(crate::GROUP_ID)?;
        Ok(SinkConfig {
            contract: Some(self.kafka.profile()),
            batch_records: self.batch_records,
            http: Some(self.http),
            ..SinkConfig::new(client, self.database.url()?)
        })
    }
}
