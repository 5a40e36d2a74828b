//! What analytics counts about itself.

use kafka::Record;
use prometheus::{IntCounter, IntCounterVec, IntGaugeVec, Registry};
use service::metrics::{Description, Maker};

use crate::facts::Outcome;

/// The metrics of analytics.
#[derive(Clone, Debug)]
pub struct Metrics {
    records: IntCounterVec,
    skipped: IntCounter,
    appended_at: IntGaugeVec,
}

const ROLE: &str = "analytics";

impl Metrics {
    /// Registers them.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        Self::make(&Maker::new(registry, ROLE))
    }

    /// What they are called and what they mean.
    pub fn describe() -> prometheus::Result<Vec<Description>> {
        Maker::describe(ROLE, Self::make)
    }

    fn make(make: &Maker<'_>) -> prometheus::Result<Self> {
        Ok(Self {
            records: make.counters("records_total", "Records recorded, by kind.", &["kind"])?,
            skipped: make.counter("skipped_total", "Undecodable records passed over.")?,
            appended_at: make.gauges(
                "recorded_append_timestamp_ms",
                "Append time of the newest recorded record: how far behind analytics is.",
                &["topic"],
            )?,
        })
    }

    pub(crate) fn recorded(&self, outcome: Outcome, records: &[Record]) {
        self.records
            .with_label_values(&["submission"])
            .inc_by(outcome.submissions as u64);
        self.records
            .with_label_values(&["verdict"])
            .inc_by(outcome.verdicts as u64);
        self.skipped.inc_by(outcome.skipped as u64);
        for record in records {
            let timestamp = record.timestamp_ms.unwrap_or_default();
            self.appended_at
                .with_label_values(&[&record.topic])
                .set(timestamp);
        }
    }
}
