//! Every metric of the evaluator: name, meaning, unit.

use kafka::consumer::PartitionStatus;
use prometheus::{Gauge, GaugeVec, Histogram, IntCounter, IntCounterVec, IntGauge, Registry};
use schemas::topics::CLIENT_LANES;
use service::metrics::Maker;

use crate::evaluator::Evaluator;
use crate::schedule::LaneKind;

/// The metrics. Counters are counted where it happens; gauges are read when someone asks.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    pub(crate) verdicts: IntCounterVec,
    pub(crate) handed_on: IntCounterVec,
    pub(crate) dead_letters: IntCounterVec,
    pub(crate) attempts: IntCounter,
    pub(crate) faults: IntCounter,
    pub(crate) breaker_state: IntGauge,
    pub(crate) breaker_openings: IntCounter,
    pub(crate) judge_seconds: Histogram,
    pub(crate) slots: IntGauge,
    pub(crate) slots_busy: IntGauge,
    pub(crate) suspects: IntGauge,
    pub(crate) held: IntGauge,
    pub(crate) handing_over: GaugeVec,
    pub(crate) waiting: GaugeVec,
    pub(crate) waiting_cpu_seconds: GaugeVec,
    pub(crate) ready: IntGauge,
    pub(crate) oldest_unpublished_seconds: Gauge,
    pub(crate) consumer_heartbeat_age_seconds: GaugeVec,
    pub(crate) commit_latency_seconds: GaugeVec,
    pub(crate) frontier_lag: GaugeVec,
    pub(crate) outstanding: GaugeVec,
    pub(crate) oldest_age_seconds: GaugeVec,
}

/// Upper bounds from a hello world to the longest evaluation, in seconds.
const JUDGE_SECONDS: [f64; 12] = [
    0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0,
];

impl Metrics {
    pub(crate) fn register(registry: &Registry, slots: usize) -> prometheus::Result<Self> {
        let partition = &["topic", "partition"][..];
        let maker = Maker::new(registry, "evaluator");
        let metrics = Self {
            verdicts: maker.counters("verdicts_total", "Verdicts published.", &["verdict"])?,
            handed_on: maker.counters(
                "handed_on_total",
                "Records copied to a successor topic: overflow, retry, parked, dead letters.",
                &["topic"],
            )?,
            dead_letters: maker.counters(
                "dead_letters_total",
                "Records copied to the dead-letter topic.",
                &["cause"],
            )?,
            attempts: maker.counter(
                "attempts_total",
                "Tries to judge a submission in a slot; more than verdicts only after faults of ours and crashes.",
            )?,
            faults: maker.counter(
                "judge_faults_total",
                "Tries that failed by our own fault and were or may be repeated.",
            )?,
            breaker_state: maker.gauge(
                "breaker_state",
                "Circuit breaker of dead letters: 0 closed, 1 open (alarm), 2 trying one record.",
            )?,
            breaker_openings: maker.counter(
                "breaker_openings_total",
                "Storms of dead letters that stopped the intake.",
            )?,
            judge_seconds: maker.histogram(
                "judge_seconds",
                "Time in a slot, from the first compiler to the last case.",
                &JUDGE_SECONDS,
            )?,
            slots: maker.gauge("slots", "Slots of this process.")?,
            slots_busy: maker.gauge("slots_busy", "Slots that judge now.")?,
            suspects: maker.gauge(
                "suspects",
                "Records that may have killed an evaluator, waiting or running.",
            )?,
            held: maker.gauge("held", "Records that a former owner may still finish.")?,
            handing_over: maker.floats(
                "handing_over",
                "1 while submissions of the topic are handed over to the overflow lane.",
                &["topic"],
            )?,
            waiting: maker.floats(
                "waiting",
                "Submissions of the lane that are prepared and wait for a slot.",
                &["lane"],
            )?,
            waiting_cpu_seconds: maker.floats(
                "waiting_cpu_seconds",
                "What these should cost, by what their problems cost lately.",
                &["lane"],
            )?,
            ready: maker.gauge("ready", "1 when work is taken.")?,
            oldest_unpublished_seconds: maker.float(
                "oldest_unpublished_seconds",
                "Age of the oldest record without a delivery report.",
            )?,
            consumer_heartbeat_age_seconds: maker.floats(
                "consumer_heartbeat_age_seconds",
                "Time since the lane's polling thread came round.",
                &["lane"],
            )?,
            commit_latency_seconds: maker.floats(
                "commit_latency_seconds",
                "Round trip of the lane's last acknowledged commit.",
                &["lane"],
            )?,
            frontier_lag: maker.floats(
                "frontier_lag",
                "Records from the frontier to the end of the partition.",
                partition,
            )?,
            outstanding: maker.floats(
                "outstanding",
                "Records received and not done.",
                partition,
            )?,
            oldest_age_seconds: maker.floats(
                "oldest_age_seconds",
                "Age of the record at the frontier.",
                partition,
            )?,
        };
        metrics.slots.set(gauge(slots));
        Ok(metrics)
    }
}

impl Evaluator {
    /// Brings the gauges up to date, for whoever reads the metrics now.
    pub(crate) fn observe(&self) {
        let metrics = &self.metrics;
        metrics.slots_busy.set(gauge(self.turns.slots_busy()));
        metrics.breaker_state.set(self.breaker.state_code());
        metrics.suspects.set(gauge(self.turns.suspects()));
        metrics.held.set(gauge(self.holds.held()));
        for topic in CLIENT_LANES {
            let handing_over = f64::from(u8::from(self.overflow.is_handing_over(topic)));
            let gauge = metrics.handing_over.with_label_values(&[topic]);
            gauge.set(handing_over);
        }
        for lane in LaneKind::ALL {
            let (label, waiting) = (&[lane.name()], self.turns.waiting(lane));
            let set = |gauges: &GaugeVec, value| gauges.with_label_values(label).set(value);
            set(&metrics.waiting, waiting.count as f64);
            set(&metrics.waiting_cpu_seconds, waiting.cost.as_secs_f64());
        }
        metrics
            .ready
            .set(i64::from(self.health.reasons().is_empty()));
        let oldest = self.publisher.oldest_in_flight().unwrap_or_default();
        metrics.oldest_unpublished_seconds.set(oldest.as_secs_f64());
        // Partitions that we own no longer must not keep their last values.
        for gauges in [
            &metrics.frontier_lag,
            &metrics.outstanding,
            &metrics.oldest_age_seconds,
        ] {
            gauges.reset();
        }
        for (lane, status) in self.health.statuses() {
            let heartbeat_age = status.heartbeat_age.as_secs_f64();
            let lane = lane.to_string();
            metrics
                .consumer_heartbeat_age_seconds
                .with_label_values(&[&lane])
                .set(heartbeat_age);
            if let Some(latency) = status.commit_latency {
                metrics
                    .commit_latency_seconds
                    .with_label_values(&[&lane])
                    .set(latency.as_secs_f64());
            }
            for partition in &status.partitions {
                metrics.observe_partition(partition);
            }
        }
    }
}

impl Metrics {
    fn observe_partition(&self, status: &PartitionStatus) {
        let partition = status.partition.to_string();
        let labels = [status.topic.as_str(), partition.as_str()];
        self.outstanding
            .with_label_values(&labels)
            .set(status.outstanding as f64);
        if let (Some(end), Some(frontier)) = (status.end_offset, status.frontier) {
            // The end is a few seconds old and may lie before the frontier.
            let lag = (end - frontier).max(0);
            self.frontier_lag.with_label_values(&labels).set(lag as f64);
        }
        if let Some(appended_ms) = status.frontier_timestamp_ms {
            let age_ms = (crate::clock::now_ms() - appended_ms).max(0);
            self.oldest_age_seconds
                .with_label_values(&labels)
                .set(age_ms as f64 / 1_000.0);
        }
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
