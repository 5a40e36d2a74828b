//! The servers of a campaign, the lines to them, and what roles are told of both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use e2e::roles::Roles;
use kafka::ClientConfig;
use kafka::admin::{Admin, TopicSpec};
use schemas::topics::Profile;
use store::testing::PostgresServer;
use tempfile::TempDir;

use super::brokers::{self, Shared};
use super::plan::Line;
use super::proxy::Proxy;
use crate::role;

/// Partitions of a topic that may have any number: each evaluator's share is small enough to move often.
const PARTITIONS: i32 = 6;

/// Three brokers, a PostgreSQL, a proxy before each.
pub(super) struct Site {
    /// For the load and the checker: the same lines as the services have.
    pub(super) client: ClientConfig,
    /// For the checker, past the proxy.
    pub(super) database_url: String,
    /// How roles are started here.
    pub(super) roles: Roles,
    pub(super) brokers: Vec<Shared>,
    pub(super) postgres: Arc<PostgresServer>,
    broker_lines: Vec<Proxy>,
    database_line: Proxy,
    folder: TempDir,
}

impl Site {
    /// Starts the servers and makes the topics.
    pub(super) async fn start(environment: Vec<(String, String)>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("tribunal-campaign.")
            .tempdir()?;
        let postgres = tokio::task::spawn_blocking(PostgresServer::start).await??;
        let database_url = postgres.create_database().await?;
        let database_line = Proxy::open(postgres.port()).await?;
        let (brokers, broker_lines) = brokers::start().await?;
        let servers = broker_lines.iter().map(Proxy::port);
        let servers: Vec<_> = servers.map(|port| format!("127.0.0.1:{port}")).collect();
        let client = ClientConfig::new(servers.join(","), "campaign");
        let made = Admin::new(&client)?.apply(&specs()).await;
        made.context("failed to make the topics")?;
        let through_proxy = database_url.replace(
            &format!(":{}/", postgres.port()),
            &format!(":{}/", database_line.port()),
        );
        let logs = folder.path().to_owned();
        let roles = Roles {
            program: role::program,
            profile: Profile::Cluster.name(),
            retry_delay: Duration::from_secs(1),
            environment,
            ..Roles::new(&client.bootstrap_servers, &through_proxy, logs)
        };
        Ok(Self {
            client,
            database_url,
            roles,
            brokers,
            postgres: Arc::new(postgres),
            broker_lines,
            database_line,
            folder,
        })
    }

    pub(super) fn line(&self, line: Line) -> &Proxy {
        match line {
            Line::Broker(index) => &self.broker_lines[index],
            Line::Database => &self.database_line,
        }
    }

    /// No line is in trouble any more.
    pub(super) fn clear_lines(&self) {
        for line in self.broker_lines.iter().chain([&self.database_line]) {
            line.set(None);
        }
    }

    /// Logs, caches, and the list of what was acknowledged.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the servers and leaves the folder to whoever looks into it.
    pub(super) fn keep_folder(self) -> PathBuf {
        self.folder.keep()
    }
}

/// The declared topics for three brokers, smaller where that is allowed.
fn specs() -> Vec<TopicSpec> {
    let declared = service::contract::specs(Profile::Cluster).into_iter();
    let sized = declared.map(|spec| {
        let partitions = if spec.partitions_fixed {
            spec.partitions
        } else {
            spec.partitions.min(PARTITIONS)
        };
        TopicSpec { partitions, ..spec }
    });
    sized.collect()
}
