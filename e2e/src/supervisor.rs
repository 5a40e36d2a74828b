//! What systemd or a cluster would do: start an evaluator again when it has died.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::eventually::eventually;
use crate::service::Service;

/// Evaluators of one cluster that are started again whenever they have ended.
pub struct Supervised<'a> {
    cluster: &'a Cluster,
    options: &'a [&'a str],
    evaluators: Vec<Service>,
    /// How often one was found dead.
    pub deaths: usize,
}

impl<'a> Supervised<'a> {
    /// Starts evaluators 1 to `count` and waits until each takes work.
    pub async fn start(
        cluster: &'a Cluster,
        count: u32,
        options: &'a [&'a str],
    ) -> anyhow::Result<Self> {
        let mut evaluators = Vec::new();
        for number in 1..=count {
            evaluators.push(cluster.evaluator(number, options).await?);
        }
        Ok(Self {
            cluster,
            options,
            evaluators,
            deaths: 0,
        })
    }

    /// Starts again whatever has ended.
    pub fn tend(&mut self) -> anyhow::Result<()> {
        for (number, evaluator) in (1..).zip(&mut self.evaluators) {
            if evaluator.process.ended()?.is_some() {
                self.deaths += 1;
                *evaluator = self.cluster.start_evaluator(number, self.options)?;
            }
        }
        Ok(())
    }

    /// Tends them until there is an answer.
    pub async fn until<T>(
        &mut self,
        limit: Duration,
        what: &str,
        mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        eventually(limit, what, async || {
            self.tend()?;
            ask().await
        })
        .await
    }
}
