//! Broker and evaluators.

use std::fs;
use std::path::Path;

use anyhow::Context;
use kafka::ClientConfig;
use kafka::admin::{Admin, TopicSpec};
use schemas::topics::{self, Profile};
use tempfile::TempDir;

use super::load::problem_on;
use crate::evaluator_process::EvaluatorProcess;

/// A real Kafka with all topics, and a problem for each partition of `submissions`.
pub(crate) struct Broker {
    pub(crate) client: ClientConfig,
    /// Partitions of the lanes.
    pub(crate) partitions: usize,
    folder: TempDir,
    _kafka: e2e::broker::Broker,
}

impl Broker {
    pub(crate) async fn start(partitions: usize) -> anyhow::Result<Self> {
        let kafka = e2e::broker::Broker::start()?;
        let client = ClientConfig::new(kafka.bootstrap_servers(), "bench");
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
            _kafka: kafka,
        })
    }
}

/// Evaluators that take work from one broker; they end before it.
pub(crate) struct Fleet<'a> {
    _evaluators: Vec<EvaluatorProcess>,
    _broker: &'a Broker,
}

impl<'a> Fleet<'a> {
    /// Starts so many of them and returns when all take work.
    pub(crate) async fn start(
        broker: &'a Broker,
        evaluators: u32,
        slots: usize,
    ) -> anyhow::Result<Self> {
        let servers = &broker.client.bootstrap_servers;
        let start = |number| EvaluatorProcess::start(servers, broker.folder.path(), number, slots);
        let evaluators: Vec<_> = (1..=evaluators).map(start).collect::<anyhow::Result<_>>()?;
        for evaluator in &evaluators {
            evaluator.wait_until_ready().await?;
        }
        Ok(Self {
            _evaluators: evaluators,
            _broker: broker,
        })
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
