//! `results-sink run`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use service::{DatabaseArgs, KafkaArgs, config, shutdown};

use crate::{ReconcileConfig, SinkConfig};

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
    /// Seconds between two looks for judgements that were lost on their way [default: 30]
    #[arg(long, env = "TRIBUNAL_RECONCILE_SECONDS", value_name = "SECONDS")]
    reconcile_seconds: Option<u64>,
    /// Lost judgements asked for again at one look at most; 0 = never look [default: 300]
    #[arg(long, env = "TRIBUNAL_RECONCILE_AT_MOST", value_name = "N")]
    reconcile_at_most: Option<usize>,
    /// Group in which evaluators read a topic, if it is not the default: TOPIC=GROUP; may be repeated
    #[arg(
        long = "evaluator-group",
        env = "TRIBUNAL_EVALUATOR_GROUPS",
        value_name = "TOPIC=GROUP",
        value_delimiter = ','
    )]
    evaluator_groups: Vec<String>,
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
    reconcile_seconds: u64,
    reconcile_at_most: usize,
    evaluator_groups: Vec<String>,
    http: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kafka: KafkaArgs::default(),
            database: DatabaseArgs::default(),
            batch_records: 500,
            reconcile_seconds: 30,
            reconcile_at_most: 300,
            evaluator_groups: Vec::new(),
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
            reconcile: self.reconcile()?,
            http: Some(self.http),
            ..SinkConfig::new(client, self.database.url()?)
        })
    }

    fn reconcile(&self) -> anyhow::Result<Option<ReconcileConfig>> {
        ensure!(
            self.reconcile_seconds > 0,
            "--reconcile-seconds must be at least 1; --reconcile-at-most 0 turns the reconciler off"
        );
        let groups = self.evaluator_groups.iter().map(|pair| {
            let (topic, group) = pair
                .split_once('=')
                .with_context(|| format!("--evaluator-group {pair} is not TOPIC=GROUP"))?;
            Ok((topic.to_owned(), group.to_owned()))
        });
        let groups = groups.collect::<anyhow::Result<BTreeMap<_, _>>>()?;
        Ok((self.reconcile_at_most > 0).then(|| ReconcileConfig {
            interval: Duration::from_secs(self.reconcile_seconds),
            at_most: self.reconcile_at_most,
            groups,
        }))
    }
}
