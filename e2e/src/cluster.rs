//! A whole installation for one test: Kafka with the declared topics, a database, and roles as they are asked for.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use kafka::{ClientConfig, Producer, Start, Tail};
use store::testing::PostgresServer;
use tempfile::TempDir;

use crate::broker::Broker;
use crate::process;
use crate::roles::Roles;
use crate::service::Service;

/// An installation of its own. Start roles after it, so that they end before it.
pub struct Cluster {
    /// Its Kafka.
    pub broker: Broker,
    /// Its PostgreSQL.
    pub postgres: PostgresServer,
    /// A database on it.
    pub database_url: String,
    /// What clients of the tests are configured with.
    pub client: ClientConfig,
    /// How long a record waits on a retry topic, whatever the topic's contract says.
    pub retry_delay: Duration,
    folder: TempDir,
}

impl Cluster {
    /// Starts the servers and makes the topics as `tribunal topics apply` does: six partitions for the client lanes.
    pub async fn start() -> anyhow::Result<Self> {
        let cluster = Self::without_topics().await?;
        let mut apply = process::command("tribunal")?;
        apply.args(["topics", "apply", "--profile", "single-node"]);
        apply.args(["--bootstrap-servers", &cluster.client.bootstrap_servers]);
        let done = apply.output().context("failed to run tribunal")?;
        ensure!(
            done.status.success(),
            "the topics were not made: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        Ok(cluster)
    }

    /// The servers alone.
    pub async fn without_topics() -> anyhow::Result<Self> {
        let broker = Broker::start()?;
        let client = ClientConfig::new(broker.bootstrap_servers(), "e2e");
        Self::around(broker, client).await
    }

    /// The same around a broker of one's own, and a client that it lets do everything.
    pub async fn around(broker: Broker, client: ClientConfig) -> anyhow::Result<Self> {
        let postgres = PostgresServer::start()?;
        Ok(Self {
            client,
            database_url: postgres.create_database().await?,
            broker,
            postgres,
            retry_delay: Duration::from_millis(500),
            folder: tempfile::tempdir()?,
        })
    }

    /// A folder for whatever the test writes; logs of the roles are in it, too.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An evaluator, ready to take work, on the example problems unless `more` names others or a store. `number` tells it from others of the cluster; started
    /// again with the same number it is the same host with the same cache.
    pub async fn evaluator(&self, number: u32, more: &[&str]) -> anyhow::Result<Service> {
        let mut evaluator = self.start_evaluator(number, more)?;
        evaluator.ready(Duration::from_secs(90)).await?;
        Ok(evaluator)
    }

    /// The same without waiting until it takes work.
    pub fn start_evaluator(&self, number: u32, more: &[&str]) -> anyhow::Result<Service> {
        self.roles().evaluator(number, more)
    }

    fn roles(&self) -> Roles {
        let servers = &self.client.bootstrap_servers;
        let roles = Roles::new(servers, &self.database_url, self.folder().to_owned());
        Roles {
            retry_delay: self.retry_delay,
            ..roles
        }
    }

    /// The results-sink, reading.
    pub async fn sink(&self) -> anyhow::Result<Service> {
        self.sink_with(&[]).await
    }

    /// The same with more flags.
    pub async fn sink_with(&self, more: &[&str]) -> anyhow::Result<Service> {
        self.reader("results-sink", more).await
    }

    /// The analytics, reading.
    pub async fn analytics(&self) -> anyhow::Result<Service> {
        self.analytics_with(&[]).await
    }

    /// The same with more flags.
    pub async fn analytics_with(&self, more: &[&str]) -> anyhow::Result<Service> {
        self.reader("analytics", more).await
    }

    async fn reader(&self, binary: &str, more: &[&str]) -> anyhow::Result<Service> {
        let mut service = self.roles().reader(binary, binary, more)?;
        service.ready(Duration::from_secs(60)).await?;
        Ok(service)
    }

    /// A producer for records that the producer's command line would not send.
    pub fn producer(&self) -> anyhow::Result<Producer> {
        Ok(Producer::new(&self.client)?)
    }

    /// Every record that the topic has now, oldest first within each partition.
    pub async fn records(&self, topic: &str) -> anyhow::Result<Vec<kafka::Record>> {
        let mut tail = Tail::open(&self.client, &[topic], Start::Beginning).await?;
        Ok(tail.read_to_present_end().await?)
    }
}
