//! What the sink counts.

use kafka::Record;
use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};
use service::metrics::{Description, Maker};

use crate::outbox::Due;
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
    published: IntCounterVec,
    refused: IntCounter,
    outbox_oldest: IntGauge,
    republished: IntCounter,
    waves: IntCounter,
    awaited: IntGauge,
    duty_failures: IntCounterVec,
}

const ROLE: &str = "sink";

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
            published: make.counters(
                "outbox_published_total",
                "Records of the outbox that were acknowledged, by topic.",
                &["topic"],
            )?,
            refused: make.counter(
                "outbox_refused_total",
                "Records of the outbox that can never be sent and were set aside.",
            )?,
            outbox_oldest: make.gauge(
                "outbox_oldest_due_timestamp_ms",
                "Since when the oldest record of the outbox is due; 0 if none is. Only the sink that leads knows.",
            )?,
            republished: make.counter(
                "republished_total",
                "Judgements found lost and asked for again by the reconciler.",
            )?,
            waves: make.counter(
                "reconciler_waves_total",
                "Times the reconciler has followed all that was handed on to its end.",
            )?,
            awaited: make.gauge(
                "reconciler_awaited_partitions",
                "Partitions whose waiting records the reconciler's present wave waits for.",
            )?,
            duty_failures: make.counters(
                "duty_failures_total",
                "Times that something which one sink does for all was interrupted: `outbox` or `reconciler`.",
                &["duty"],
            )?,
        })
    }

    pub(crate) fn outbox_oldest(&self, since_ms: Option<i64>) {
        self.outbox_oldest.set(since_ms.unwrap_or(0));
    }

    pub(crate) fn published<'a>(&self, sent: impl Iterator<Item = &'a Due>) {
        for due in sent {
            self.published.with_label_values(&[&due.topic]).inc();
        }
    }

    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    pub(crate) fn duty_failed(&self, duty: &str) {
        self.duty_failures.with_label_values(&[duty]).inc();
    }

    pub(crate) fn awaited(&self, partitions: usize) {
        self.awaited.set(partitions as i64);
    }

    pub(crate) fn wave(&self, republished: usize) {
        self.waves.inc();
        self.awaited.set(0);
        self.republished.inc_by(republished as u64);
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
