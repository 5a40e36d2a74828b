//! Broker and evaluators.

use std::fs;
use std::path::Path;

use anyhow::Context;
use kafka::admin::{Admin, TopicSpec};
use kafka::{ClientConfig, GroupProtocol};
use schemas::topics::{self, Profile};
use tempfile::TempDir;

use super::load::problem_on;
use crate::evaluator_process::{EvaluatorProcess, Given};

/// The new protocol's times are the broker's: those that the classic members of ours have.
const GROUP_TIMES: &str = "group.consumer.min.session.timeout.ms=6000
group.consumer.session.timeout.ms=10000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1000
";

/// A real Kafka with all topics, and a problem for each partition of `submissions`.
pub(crate) struct Broker {
    pub(crate) client: ClientConfig,
    /// Partitions of the lanes.
    pub(crate) partitions: usize,
    folder: TempDir,
    kafka: e2e::broker::Broker,
}

impl Broker {
    /// With the classic group protocol.
    pub(crate) async fn start(partitions: usize) -> anyhow::Result<Self> {
        Self::start_with(partitions, GroupProtocol::Classic).await
    }

    pub(crate) async fn start_with(
        partitions: usize,
        group_protocol: GroupProtocol,
    ) -> anyhow::Result<Self> {
        let kafka = e2e::broker::Broker::with_settings(GROUP_TIMES)?;
        let client = ClientConfig {
            group_protocol,
            ..ClientConfig::new(kafka.bootstrap_servers(), "bench")
        };
        Admin::new(&client)?.apply(&specs(partitions)?).await?;
        let folder = tempfile::tempdir()?;
        for partition in 0..partitions {
            let problem = problem_on(partition, partitions);
            write_package(&folder.path().join("problems").join(problem))?;
        }
        Ok(Self {
            client,
            partitions,
            folder,
            kafka,
        })
    }

    /// Makes a topic that is none of ours.
    pub(crate) async fn add_topic(&self, name: &str, partitions: usize) -> anyhow::Result<()> {
        let spec = TopicSpec {
            name: name.to_owned(),
            partitions: i32::try_from(partitions).context("too many partitions")?,
            replication: 1,
            ..TopicSpec::default()
        };
        Admin::new(&self.client)?.apply(&[spec]).await?;
        Ok(())
    }

    /// For whatever a benchmark writes; gone with the broker.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server itself.
    pub(crate) fn kafka(&self) -> &e2e::broker::Broker {
        &self.kafka
    }
}

/// Evaluators that take work from one broker; they end before it.
pub(crate) struct Fleet<'a> {
    evaluators: Vec<EvaluatorProcess>,
    slots: usize,
    /// The number of the last one.
    last: u32,
    broker: &'a Broker,
}

impl<'a> Fleet<'a> {
    /// Starts so many of them and returns when all take work.
    pub(crate) async fn start(
        broker: &'a Broker,
        evaluators: usize,
        slots: usize,
    ) -> anyhow::Result<Self> {
        let mut fleet = Self {
            evaluators: Vec::new(),
            slots,
            last: 0,
            broker,
        };
        fleet.grow_to(evaluators).await?;
        Ok(fleet)
    }

    /// Starts as many as are missing and returns when all take work.
    pub(crate) async fn grow_to(&mut self, evaluators: usize) -> anyhow::Result<()> {
        let before = self.evaluators.len();
        while self.evaluators.len() < evaluators {
            self.add()?;
        }
        for evaluator in &mut self.evaluators[before..] {
            evaluator.wait_until_ready().await?;
        }
        Ok(())
    }

    /// Starts one more.
    pub(crate) fn add(&mut self) -> anyhow::Result<&mut EvaluatorProcess> {
        self.last += 1;
        let broker = self.broker;
        let given = Given::new(&broker.client, broker.folder(), self.last, self.slots);
        self.evaluators.push(EvaluatorProcess::start(given)?);
        self.evaluators.last_mut().context("there is one")
    }

    /// Takes one out.
    pub(crate) fn take(&mut self) -> Option<EvaluatorProcess> {
        self.evaluators.pop()
    }

    /// Ends all in order.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        for evaluator in self.evaluators {
            evaluator.stop().await?;
        }
        Ok(())
    }
}

/// The declared topics for one broker, the lanes with so many partitions.
fn specs(partitions: usize) -> anyhow::Result<Vec<TopicSpec>> {
    let lanes = i32::try_from(partitions).context("too many partitions")?;
    let declared = service::contract::specs(Profile::SingleNode).into_iter();
    let sized = declared.map(|spec| {
        if spec.name.starts_with(topics::SUBMISSIONS) {
            TopicSpec {
                partitions: lanes,
                ..spec
            }
        } else {
            spec
        }
    });
    Ok(sized.collect())
}

/// What a problem needs to be found; nothing in it is run.
fn write_package(root: &Path) -> anyhow::Result<()> {
    let data = root.join("data/secret");
    fs::create_dir_all(&data)?;
    fs::write(
        root.join("problem.yaml"),
        "problem_format_version: 2025-09\nname: Sleep\nuuid: 0f6d8d2c-52c9-4f0f-9d5e-6a3c5b1f7e11\nlimits:\n  time_limit: 1\n",
    )?;
    fs::write(data.join("1.in"), "1\n")?;
    fs::write(data.join("1.ans"), "1\n")?;
    Ok(())
}
