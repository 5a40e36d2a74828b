//! Every metric of the evaluator: name, meaning, unit. Counters are counted where it happens; gauges are read when someone asks.

use std::time::Duration;

use judge::Judgement;
use prometheus::{
    CounterVec, Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    Registry, Result,
};
use service::metrics::{Description, Maker};

const ROLE: &str = "evaluator";

/// Upper bounds from a hello world to the longest evaluation, in seconds.
const SECONDS: [f64; 12] = [
    0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0,
];
/// The same with what takes no time worth speaking of, and with what waited for a night.
const PHASE_SECONDS: [f64; 14] = [
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 600.0, 3_600.0, 36_000.0,
];

/// The metrics, a struct for each concern.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    pub(crate) ends: Ends,
    pub(crate) judging: Judging,
    pub(crate) breaker: BreakerMetrics,
    pub(crate) slots: SlotMetrics,
    pub(crate) waiting: WaitingMetrics,
    pub(crate) consumers: ConsumerMetrics,
    pub(crate) partitions: PartitionMetrics,
}

impl Metrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self> {
        Self::make(&Maker::new(registry, ROLE))
    }

    fn make(make: &Maker<'_>) -> Result<Self> {
        Ok(Self {
            ends: Ends::make(make)?,
            judging: Judging::make(make)?,
            breaker: BreakerMetrics::make(make)?,
            slots: SlotMetrics::make(make)?,
            waiting: WaitingMetrics::make(make)?,
            consumers: ConsumerMetrics::make(make)?,
            partitions: PartitionMetrics::make(make)?,
        })
    }
}

/// What the metrics of an evaluator are called and what they mean.
pub fn describe_metrics() -> Result<Vec<Description>> {
    Maker::describe(ROLE, Metrics::make)
}

/// What became of records.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    pub(crate) verdicts: IntCounterVec,
    pub(crate) handed_on: IntCounterVec,
    pub(crate) dead_letters: IntCounterVec,
    pub(crate) oldest_unpublished_seconds: Gauge,
}

impl Ends {
    fn make(make: &Maker<'_>) -> Result<Self> {
        Ok(Self {
            verdicts: make.counters("verdicts_total", "Verdicts published.", &["verdict"])?,
            handed_on: make.counters(
                "handed_on_total",
                "Records copied to a successor topic: overflow, retry, parked, dead letters.",
                &["topic"],
            )?,
            dead_letters: make.counters(
                "dead_letters_total",
                "Records copied to the dead-letter topic.",
                &["cause"],
            )?,
            oldest_unpublished_seconds: make.float(
                "oldest_unpublished_seconds",
                "Age of the oldest record without a delivery report.",
            )?,
        })
    }
}

/// A part of a judgement that is timed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    Queue,
    Package,
    Compile,
    Run,
    Validate,
    Publish,
}

impl Phase {
    /// The word for metrics.
    fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Package => "package",
            Self::Compile => "compile",
            Self::Run => "run",
            Self::Validate => "validate",
            Self::Publish => "publish",
        }
    }
}

/// How judging goes.
#[derive(Clone, Debug)]
pub(crate) struct Judging {
    pub(crate) attempts: IntCounter,
    pub(crate) faults: IntCounter,
    pub(crate) seconds: Histogram,
    phase_seconds: HistogramVec,
}

impl Judging {
    fn make(make: &Maker<'_>) -> Result<Self> {
        Ok(Self {
            attempts: make.counter(
                "attempts_total",
                "Tries to judge a submission in a slot; more than verdicts only after faults of ours and crashes.",
            )?,
            faults: make.counter(
                "judge_faults_total",
                "Tries that failed by our own fault and were or may be repeated.",
            )?,
            seconds: make.histogram(
                "judge_seconds",
                "Time in a slot, from the first compiler to the last case.",
                &SECONDS,
            )?,
            phase_seconds: make.histograms(
                "phase_seconds",
                "Time of a judgement in each phase: `queue` (from the append, by the broker's clock, to a slot, without `package`), \
                 `package` (until the package is here), `compile` (all before the first case), `run` (cases without `validate`), \
                 `validate` (validators) and `publish` (until the verdict's delivery report).",
                &["phase"],
                &PHASE_SECONDS,
            )?,
        })
    }

    pub(crate) fn took(&self, phase: Phase, time: Duration) {
        let of_phase = self.phase_seconds.with_label_values(&[phase.name()]);
        of_phase.observe(time.as_secs_f64());
    }

    /// The phases that the slot knows of.
    pub(crate) fn spent(&self, judgement: &Judgement) {
        let spent = judgement.spent;
        self.took(Phase::Compile, spent.compile);
        // What does not compile runs nothing.
        if spent.run > Duration::ZERO {
            self.took(Phase::Run, spent.run);
            self.took(Phase::Validate, spent.validate);
        }
    }
}

/// The circuit breaker, and whether work is taken at all.
#[derive(Clone, Debug)]
pub(crate) struct BreakerMetrics {
    pub(crate) state: IntGauge,
    pub(crate) openings: IntCounter,
    pub(crate) ready: IntGauge,
}

impl BreakerMetrics {
    fn make(make: &Maker<'_>) -> Result<Self> {
        Ok(Self {
            state: make.gauge(
                "breaker_state",
                "Circuit breaker of dead letters: 0 closed, 1 open (alarm), 2 trying one record.",
            )?,
            openings: make.counter(
                "breaker_openings_total",
                "Storms of dead letters that stopped the intake.",
            )?,
            ready: make.gauge("ready", "1 when work is taken.")?,
        })
    }
}

/// Who has the slots.
#[derive(Clone, Debug)]
pub(crate) struct SlotMetrics {
    pub(crate) slots: IntGauge,
    pub(crate) busy: IntGauge,
    pub(crate) suspects: IntGauge,
    pub(crate) held: IntGauge,
}

impl SlotMetrics {
    fn make(make: &Maker<'_>) -> Result<Self> {
        Ok(Self {
            slots: make.gauge("slots", "Slots of this process.")?,
            busy: make.gauge("slots_busy", "Slots that judge now.")?,
            suspects: make.gauge(
                "suspects",
                "Records that may have killed an evaluator, waiting or running.",
            )?,
            held: make.gauge("held", "Records that a former owner may still finish.")?,
        })
    }
}

/// What waits for a slot.
#[derive(Clone, Debug)]
pub(crate) struct WaitingMetrics {
    pub(crate) handing_over: GaugeVec,
    pub(crate) waiting: GaugeVec,
    pub(crate) waiting_cpu_seconds: GaugeVec,
    pub(crate) backlog_cpu_seconds: GaugeVec,
}

impl WaitingMetrics {
    fn make(make: &Maker<'_>) -> Result<Self> {
        Ok(Self {
            handing_over: make.floats(
                "handing_over",
                "1 while submissions of the topic are handed over to the overflow lane.",
                &["topic"],
            )?,
            waiting: make.floats(
                "waiting",
                "Submissions of the lane that are prepared and wait for a slot.",
                &["lane"],
            )?,
            waiting_cpu_seconds: make.floats(
                "waiting_cpu_seconds",
                "What these should cost, by what their problems cost lately.",
                &["lane"],
            )?,
            backlog_cpu_seconds: make.floats(
                "backlog_cpu_seconds",
                "What all that has not started should cost: in this evaluator and on the log of its partitions, at the mean \
                 cost of a judgement here. Summed over the evaluators: the fleet's backlog.",
                &["topic"],
            )?,
        })
    }
}

/// How each consumer of a lane or retry topic gets on.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerMetrics {
    pub(crate) heartbeat_age_seconds: GaugeVec,
    pub(crate) commit_latency_seconds: GaugeVec,
    pub(crate) commit_seconds: CounterVec,
    pub(crate) hand_off_seconds: GaugeVec,
    pub(crate) commits: IntCounterVec,
    pub(crate) commit_failures: IntCounterVec,
    pub(crate) client_errors: IntCounterVec,
    pub(crate) lost_partitions: IntCounterVec,
    pub(crate) refetched: IntCounterVec,
}

impl ConsumerMetrics {
    fn make(make: &Maker<'_>) -> Result<Self> {
        let float = |name, help| make.floats(name, help, &["topic"]);
        let counter = |name, help| make.counters(name, help, &["topic"]);
        Ok(Self {
            heartbeat_age_seconds: float(
                "consumer_heartbeat_age_seconds",
                "Time since the consumer's polling thread came round.",
            )?,
            commit_latency_seconds: float(
                "commit_latency_seconds",
                "Round trip of the last acknowledged commit.",
            )?,
            commit_seconds: make.times(
                "commit_seconds_total",
                "Round trips of all acknowledged commits together.",
                &["topic"],
            )?,
            hand_off_seconds: float(
                "hand_off_seconds",
                "How long the last hand-off of partitions took, from being told to the acknowledged clean mark.",
            )?,
            commits: counter("commits_total", "Commits acknowledged.")?,
            commit_failures: counter(
                "commit_failures_total",
                "Commits that failed; each was or will be repeated.",
            )?,
            client_errors: counter(
                "client_errors_total",
                "Errors that the client reported and recovers from by itself.",
            )?,
            lost_partitions: counter(
                "lost_partitions_total",
                "Partitions that became another's before they could be left in order: we were too slow for our group.",
            )?,
            refetched: counter(
                "refetched_total",
                "Records that were received again and dropped.",
            )?,
        })
    }
}

/// How each owned partition stands.
#[derive(Clone, Debug)]
pub(crate) struct PartitionMetrics {
    pub(crate) frontier_lag: GaugeVec,
    pub(crate) frontier_age_seconds: GaugeVec,
    pub(crate) outstanding: GaugeVec,
    pub(crate) queued: GaugeVec,
    pub(crate) oldest_age_seconds: GaugeVec,
}

impl PartitionMetrics {
    fn make(make: &Maker<'_>) -> Result<Self> {
        let float = |name, help| make.floats(name, help, &["topic", "partition"]);
        Ok(Self {
            frontier_lag: float(
                "frontier_lag",
                "Records from the frontier to the end of the partition.",
            )?,
            frontier_age_seconds: float(
                "frontier_age_seconds",
                "For how long the frontier has stood still although records are behind it, as far as anybody looked.",
            )?,
            outstanding: float("outstanding", "Records received and not done.")?,
            queued: float(
                "queued",
                "Of these, records kept in the consumer and not handed out.",
            )?,
            oldest_age_seconds: float(
                "oldest_age_seconds",
                "Age of the record at the frontier: the oldest that is not done.",
            )?,
        })
    }
}
