//! Sends what is due, one sink at a time.

use std::time::Duration;

use anyhow::Context;
use kafka::{Delivered, Producer};
use store::{Database, Leadership, Listener};

use super::{Due, due, records, refuse, settle};
use crate::leading::Duty;
use crate::metrics::Metrics;

/// Rows taken at a time: their records are in memory until all are acknowledged.
const BATCH: i64 = 50;

/// How often to look without having been woken; also how often leadership is confirmed.
const TICK: Duration = Duration::from_secs(1);

/// The outbox's way to the log.
pub(crate) struct Publisher {
    database: Database,
    producer: Producer,
    metrics: Metrics,
}

impl Publisher {
    pub(crate) fn new(database: Database, producer: Producer, metrics: Metrics) -> Self {
        Self {
            database,
            producer,
            metrics,
        }
    }

    /// Sends the oldest records that are due and deletes what was acknowledged. False if nothing was due.
    async fn publish(&self) -> anyhow::Result<bool> {
        let batch = due(&self.database, BATCH).await?;
        let oldest = batch.first().map(|due| due.since_ms);
        self.metrics.outbox_oldest(oldest);
        if batch.is_empty() {
            return Ok(false);
        }
        let (sent, failed) = self.send(batch).await?;
        settle(&self.database, &sent).await?;
        self.metrics.published(sent.iter().map(|(due, _)| due));
        match failed {
            Some(error) => Err(error),
            None => Ok(true),
        }
    }

    /// What was acknowledged, and the first failure among the rest.
    async fn send(
        &self,
        batch: Vec<Due>,
    ) -> anyhow::Result<(Vec<(Due, Delivered)>, Option<anyhow::Error>)> {
        let made = records::records(&self.database, &batch).await?;
        let mut deliveries = Vec::with_capacity(batch.len());
        for (due, record) in batch.into_iter().zip(made) {
            match record {
                Ok(record) => deliveries.push((due, self.producer.send(record))),
                Err(refusal) => self.set_aside(&due, &refusal.to_string()).await?,
            }
        }
        let (mut sent, mut failed) = (Vec::with_capacity(deliveries.len()), None);
        for (due, delivery) in deliveries {
            match delivery.await {
                Ok(delivered) => sent.push((due, delivered)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        let failed = failed.map(|error| anyhow::Error::new(error).context("failed to publish"));
        Ok((sent, failed))
    }

    async fn set_aside(&self, due: &Due, reason: &str) -> anyhow::Result<()> {
        tracing::error!(
            topic = due.topic,
            submission.id = due.submission_id,
            generation = due.generation,
            reason,
            "a record that is due can never be sent"
        );
        self.metrics.refused();
        Ok(refuse(&self.database, due, reason).await?)
    }
}

impl Duty for Publisher {
    const NAME: &'static str = "outbox";

    async fn perform(&self, leadership: &mut Leadership) -> anyhow::Result<()> {
        let listener = Listener::on(&self.database).await;
        let mut listener = listener.context("failed to listen to the database")?;
        loop {
            leadership.confirm().await?;
            if !self.publish().await? {
                listener.wait(TICK).await?;
            }
        }
    }
}

#[cfg(test)]
impl Publisher {
    /// One batch, for tests that look at what lies between.
    pub(super) async fn publish_once(&self) -> anyhow::Result<bool> {
        self.publish().await
    }

    /// As far as the delivery reports, as if the process died before it could delete anything.
    pub(super) async fn die_before_settling(&self) -> anyhow::Result<usize> {
        let batch = due(&self.database, BATCH).await?;
        Ok(self.send(batch).await?.0.len())
    }
}
