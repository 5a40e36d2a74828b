//! What the sink counts.

use kafka::Record;
use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};
use service::metrics::Maker;

use crate::sink::Outcome;

/// The sink's metrics.
#[derive(Clone, Debug)]
pub struct Metrics {
    submissions: IntCounter,
    judgements: IntCounter,
    verdicts: IntCounterVec,
    repeated: IntCounter,
    divergences: IntGauge,
    quarantined: IntCounter,
    appended_at: IntGaugeVec,
}

impl Metrics {
    /// Registers them.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let make = Maker::new(registry, "sink");
        Ok(Self {
            submissions: make.counter("submissions_total", "Accepted submissions recorded.")?,
            judgements: make.counter("judgements_total", "Requested judgements recorded.")?,
            verdicts: make.counters(
                "verdicts_total",
                "Verdicts recorded, by verdict.",
                &["verdict"],
            )?,
            repeated: make.counter(
                "verdicts_repeated_total",
                "Later verdicts of a recorded judgement that say the same.",
            )?,
            divergences: make.gauge(
                "verdict_divergence_total",
                "Later verdicts that differ from the recorded one: all that the database knows of.",
            )?,
            quarantined: make.counter("quarantined_total", "Undecodable records kept aside.")?,
            appended_at: make.gauges(
                "recorded_append_timestamp_ms",
                "Append time of the newest recorded record: how far behind the sink is.",
                &["topic"],
            )?,
        })
    }

    /// Divergences that were recorded before this process began.
    pub fn set_divergences(&self, divergences: i64) {
        self.divergences.set(divergences);
    }

    pub(crate) fn recorded(&self, outcome: &Outcome, records: &[Record]) {
        self.submissions.inc_by(outcome.accepted.submissions as u64);
        self.judgements.inc_by(outcome.accepted.judgements as u64);
        for (verdict, count) in &outcome.verdicts.new {
            self.verdicts
                .with_label_values(&[verdict.as_str()])
                .inc_by(*count);
        }
        self.repeated.inc_by(outcome.verdicts.repeated);
        if let Some(divergences) = outcome.verdicts.divergences {
            self.divergences.set(divergences);
        }
        self.quarantined.inc_by(outcome.quarantined as u64);
        for record in records {
            let timestamp = record.timestamp_ms.unwrap_or_default();
            self.appended_at
                .with_label_values(&[&record.topic])
                .set(timestamp);
        }
    }
}
