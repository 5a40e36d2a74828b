//! Every metric of the evaluator: name, meaning, unit.

use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
};

/// The metrics. Counters are counted where it happens; gauges are read when someone asks.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    pub(crate) verdicts: IntCounterVec,
    pub(crate) dead_letters: IntCounterVec,
    pub(crate) faults: IntCounter,
    pub(crate) judge_seconds: Histogram,
    pub(crate) slots: IntGauge,
    pub(crate) slots_busy: IntGauge,
    pub(crate) suspects: IntGauge,
    pub(crate) held: IntGauge,
    pub(crate) ready: IntGauge,
    pub(crate) oldest_unpublished_seconds: Gauge,
    pub(crate) consumer_heartbeat_age_seconds: GaugeVec,
    pub(crate) frontier_lag: GaugeVec,
    pub(crate) outstanding: GaugeVec,
    pub(crate) oldest_age_seconds: GaugeVec,
}

/// Upper bounds from a hello world to the longest evaluation, in seconds.
const JUDGE_SECONDS: [f64; 12] = [
    0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0,
];

impl Metrics {
    pub(crate) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let partition = &["topic", "partition"][..];
        let maker = Maker { registry };
        Ok(Self {
            verdicts: maker.counters("verdicts_total", "Verdicts published.", &["verdict"])?,
            dead_letters: maker.counters(
                "dead_letters_total",
                "Records copied to the dead-letter topic.",
                &["cause"],
            )?,
            faults: maker.counter(
                "judge_faults_total",
                "Tries that failed by our own fault and were or may be repeated.",
            )?,
            judge_seconds: maker.histogram(
                "judge_seconds",
                "Time in a slot, from the first compiler to the last case.",
            )?,
            slots: maker.gauge("slots", "Slots of this process.")?,
            slots_busy: maker.gauge("slots_busy", "Slots that judge now.")?,
            suspects: maker.gauge(
                "suspects",
                "Records that may have killed an evaluator, waiting or running.",
            )?,
            held: maker.gauge("held", "Records that a former owner may still finish.")?,
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
        })
    }
}

/// Makes and registers metrics under the evaluator's prefix.
struct Maker<'a> {
    registry: &'a Registry,
}

impl Maker<'_> {
    fn opts(name: &str, help: &str) -> Opts {
        Opts::new(format!("tribunal_evaluator_{name}"), help)
    }

    fn registered<T: prometheus::core::Collector + Clone + 'static>(
        &self,
        metric: T,
    ) -> prometheus::Result<T> {
        self.registry.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    fn counter(&self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        self.registered(IntCounter::with_opts(Self::opts(name, help))?)
    }

    fn counters(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> prometheus::Result<IntCounterVec> {
        self.registered(IntCounterVec::new(Self::opts(name, help), labels)?)
    }

    fn gauge(&self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        self.registered(IntGauge::with_opts(Self::opts(name, help))?)
    }

    fn float(&self, name: &str, help: &str) -> prometheus::Result<Gauge> {
        self.registered(Gauge::with_opts(Self::opts(name, help))?)
    }

    fn floats(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
        self.registered(GaugeVec::new(Self::opts(name, help), labels)?)
    }

    fn histogram(&self, name: &str, help: &str) -> prometheus::Result<Histogram> {
        let opts = HistogramOpts::from(Self::opts(name, help)).buckets(JUDGE_SECONDS.to_vec());
        self.registered(Histogram::with_opts(opts)?)
    }
}
