//! Making metrics alike: one prefix for all, each registered where it is made.
//!
//! A service keeps the names and meanings of all its metrics in one file of its own.

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, Result,
};

/// Makes and registers the metrics of one role: `tribunal_<role>_<name>`.
#[derive(Clone, Copy, Debug)]
pub struct Maker<'a> {
    registry: &'a Registry,
    role: &'a str,
}

impl<'a> Maker<'a> {
    /// For a role, in snake case.
    pub fn new(registry: &'a Registry, role: &'a str) -> Self {
        Self { registry, role }
    }

    /// A counter.
    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter> {
        self.registered(IntCounter::with_opts(self.opts(name, help))?)
    }

    /// Counters told apart by labels.
    pub fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
        self.registered(IntCounterVec::new(self.opts(name, help), labels)?)
    }

    /// A gauge of whole numbers.
    pub fn gauge(&self, name: &str, help: &str) -> Result<IntGauge> {
        self.registered(IntGauge::with_opts(self.opts(name, help))?)
    }

    /// Gauges of whole numbers told apart by labels.
    pub fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec> {
        self.registered(IntGaugeVec::new(self.opts(name, help), labels)?)
    }

    /// A gauge.
    pub fn float(&self, name: &str, help: &str) -> Result<Gauge> {
        self.registered(Gauge::with_opts(self.opts(name, help))?)
    }

    /// Gauges told apart by labels.
    pub fn floats(&self, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec> {
        self.registered(GaugeVec::new(self.opts(name, help), labels)?)
    }

    /// A histogram with these upper bounds.
    pub fn histogram(&self, name: &str, help: &str, bounds: &[f64]) -> Result<Histogram> {
        let opts = HistogramOpts::from(self.opts(name, help)).buckets(bounds.to_vec());
        self.registered(Histogram::with_opts(opts)?)
    }

    fn opts(&self, name: &str, help: &str) -> Opts {
        Opts::new(format!("tribunal_{}_{name}", self.role), help)
    }

    fn registered<T: Collector + Clone + 'static>(&self, metric: T) -> Result<T> {
        self.registry.register(Box::new(metric.clone()))?;
        Ok(metric)
    }
}
