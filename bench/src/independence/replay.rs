//! Analytics that reads the whole log again: a process of its own, this binary started again, with its database in it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use analytics::AnalyticsConfig;
use anyhow::{Context, ensure};
use e2e::eventually::eventually;
use e2e::process::{self, Process};
use e2e::service::Service;
use kafka::ClientConfig;
use serde::{Deserialize, Serialize};

use super::capped::{Capped, enter};
use crate::pipeline::Broker;

/// Carries [`Given`] to the process.
const GIVEN: &str = "TRIBUNAL_BENCH_ANALYTICS";
/// Longest wait for its first records. A tenth of a core starts slowly.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it counts.
const RECORDS: &str = "tribunal_analytics_records_total";

/// What the process is told.
#[derive(Serialize, Deserialize)]
struct Given {
    bootstrap_servers: String,
    database: PathBuf,
    group: PathBuf,
    http: String,
}

/// The analytics' process, which this binary becomes when it is started again.
pub(crate) fn be_the_analytics() -> anyhow::Result<()> {
    let given = std::env::var(GIVEN).with_context(|| format!("{GIVEN} is not set"))?;
    let given: Given = serde_json::from_str(&given)?;
    enter(&given.group)?;
    let client = ClientConfig::new(given.bootstrap_servers, analytics::GROUP_ID);
    let database = format!("sqlite:{}", given.database.display());
    let config = AnalyticsConfig {
        http: Some(given.http),
        ..AnalyticsConfig::new(client, database)
    };
    tokio::runtime::Runtime::new()?.block_on(async {
        let stop = service::shutdown::on_signals()?;
        analytics::run(config, stop).await
    })
}

/// Analytics at work, and then the group that holds it down.
pub(super) struct Replay {
    service: Service,
    _capped: Capped,
}

impl Replay {
    /// With a new database, so from the beginning. Returns when it reads.
    pub(super) async fn start(broker: &Broker, number: u32) -> anyhow::Result<Self> {
        let capped = Capped::make()?;
        let name = format!("analytics-{number}");
        let http = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let given = Given {
            bootstrap_servers: broker.client.bootstrap_servers.clone(),
            database: broker.folder().join(format!("{name}.sqlite")),
            group: capped.path().to_owned(),
            http: http.clone(),
        };
        let mut command = process::command("bench")?;
        let given = serde_json::to_string(&given)?;
        command.arg("analytics-process").env(GIVEN, given);
        let process = Process::start(&name, command, broker.folder())?;
        let mut replay = Self {
            service: Service::new(process, http),
            _capped: capped,
        };
        eventually(PATIENCE, "analytics reads", async || {
            if let Some(status) = replay.service.process.ended()? {
                anyhow::bail!(
                    "analytics ended with {status}: {}",
                    replay.service.process.last_words()
                );
            }
            Ok((replay.records().await > 0.0).then_some(()))
        })
        .await?;
        Ok(replay)
    }

    /// Ends it. How many records it has read, which must be less than the past: else nothing was left to replay.
    pub(super) async fn end(mut self, past: usize) -> anyhow::Result<f64> {
        let read = self.records().await;
        ensure!(
            read < past as f64,
            "analytics had read all {past} records before the measurement ended"
        );
        self.service.process.kill()?;
        Ok(read)
    }

    /// None as long as it does not answer.
    async fn records(&self) -> f64 {
        let read = self.service.metric(RECORDS).await;
        read.ok().flatten().unwrap_or(0.0)
    }
}
