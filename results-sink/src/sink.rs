//! The projection: what a batch of records becomes in the database.

use std::time::{SystemTime, UNIX_EPOCH};

use kafka::Record;
use store::{ApplyError, Projection, Transaction};

use crate::metrics::Metrics;
use crate::reading::Reading;
use crate::{accepted, quarantine, verdicts};

/// Records verdicts and accepted submissions.
#[derive(Debug)]
pub struct Sink {
    metrics: Metrics,
}

impl Sink {
    /// A sink that counts in these metrics.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics }
    }
}

/// What a recorded batch came to.
#[derive(Debug)]
pub struct Outcome {
    pub(crate) accepted: accepted::Accepted,
    pub(crate) verdicts: verdicts::Recorded,
    pub(crate) quarantined: usize,
}

impl Projection for Sink {
    type Outcome = Outcome;

    async fn apply(
        &self,
        transaction: &mut Transaction,
        records: &[Record],
    ) -> Result<Outcome, ApplyError> {
        let reading = Reading::of(records)?;
        let now_ms = now_ms();
        Ok(Outcome {
            accepted: accepted::record(transaction, &reading.submissions).await?,
            verdicts: verdicts::record(transaction, &reading.verdicts, now_ms).await?,
            quarantined: quarantine::record(transaction, &reading.poison, now_ms).await?,
        })
    }

    fn recorded(&self, outcome: Outcome, records: &[Record]) {
        if outcome.quarantined > 0 {
            tracing::warn!(
                records = outcome.quarantined,
                "undecodable records quarantined"
            );
        }
        self.metrics.recorded(&outcome, records);
    }
}

/// The wall clock, in ms since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
