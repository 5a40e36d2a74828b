//! Making metrics alike: one prefix for all, each registered where it is made.
//!
//! A service keeps the names and meanings of all its metrics in one file of its own.

use std::cell::RefCell;

use prometheus::core::{Atomic, Collector, GenericCounter};
use prometheus::{
    CounterVec, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec,
    IntGauge, IntGaugeVec, Opts, Registry, Result,
};

/// What is to be known of a metric before it has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its whole name.
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// The labels that tell its values apart.
    pub labels: Vec<String>,
    /// What it means.
    pub help: String,
}

/// Makes and registers the metrics of one role: `tribunal_<role>_<name>`.
#[derive(Debug)]
pub struct Maker<'a> {
    registry: &'a Registry,
    role: &'a str,
    made: RefCell<Vec<Description>>,
}

impl<'a> Maker<'a> {
    /// For a role, in snake case.
    pub fn new(registry: &'a Registry, role: &'a str) -> Self {
        Self {
            registry,
            role,
            made: RefCell::default(),
        }
    }

    /// All that `make` makes for a role, registered nowhere: for documents and tests.
    pub fn describe<M>(
        role: &str,
        make: impl FnOnce(&Maker<'_>) -> Result<M>,
    ) -> Result<Vec<Description>> {
        let registry = Registry::new();
        let maker = Maker::new(&registry, role);
        make(&maker)?;
        Ok(maker.made.into_inner())
    }

    /// A counter.
    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter> {
        let opts = self.opts("counter", name, help, &[]);
        self.registered(IntCounter::with_opts(opts)?)
    }

    /// Counters told apart by labels.
    pub fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec> {
        let opts = self.opts("counter", name, help, labels);
        self.registered(IntCounterVec::new(opts, labels)?)
    }

    /// Counters of time, told apart by labels.
    pub fn times(&self, name: &str, help: &str, labels: &[&str]) -> Result<CounterVec> {
        let opts = self.opts("counter", name, help, labels);
        self.registered(CounterVec::new(opts, labels)?)
    }

    /// A gauge of whole numbers.
    pub fn gauge(&self, name: &str, help: &str) -> Result<IntGauge> {
        let opts = self.opts("gauge", name, help, &[]);
        self.registered(IntGauge::with_opts(opts)?)
    }

    /// Gauges of whole numbers told apart by labels.
    pub fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec> {
        let opts = self.opts("gauge", name, help, labels);
        self.registered(IntGaugeVec::new(opts, labels)?)
    }

    /// A gauge.
    pub fn float(&self, name: &str, help: &str) -> Result<Gauge> {
        let opts = self.opts("gauge", name, help, &[]);
        self.registered(Gauge::with_opts(opts)?)
    }

    /// Gauges told apart by labels.
    pub fn floats(&self, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec> {
        let opts = self.opts("gauge", name, help, labels);
        self.registered(GaugeVec::new(opts, labels)?)
    }

    /// A histogram with these upper bounds.
    pub fn histogram(&self, name: &str, help: &str, bounds: &[f64]) -> Result<Histogram> {
        let opts = HistogramOpts::from(self.opts("histogram", name, help, &[]));
        self.registered(Histogram::with_opts(opts.buckets(bounds.to_vec()))?)
    }

    /// Histograms with the same upper bounds, told apart by labels.
    pub fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        bounds: &[f64],
    ) -> Result<HistogramVec> {
        let opts = HistogramOpts::from(self.opts("histogram", name, help, labels));
        self.registered(HistogramVec::new(opts.buckets(bounds.to_vec()), labels)?)
    }

    fn opts(&self, kind: &'static str, name: &str, help: &str, labels: &[&str]) -> Opts {
        let name = format!("tribunal_{}_{name}", self.role);
        self.made.borrow_mut().push(Description {
            name: name.clone(),
            kind,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            help: help.to_owned(),
        });
        Opts::new(name, help)
    }

    fn registered<T: Collector + Clone + 'static>(&self, metric: T) -> Result<T> {
        self.registry.register(Box::new(metric.clone()))?;
        Ok(metric)
    }
}

/// Brings a counter to a total that is counted elsewhere; one that has begun anew begins anew here.
pub fn count_to<P: Atomic>(counter: &GenericCounter<P>, total: P::T) {
    if total < counter.get() {
        counter.reset();
    }
    let mut missing = total;
    missing -= counter.get();
    counter.inc_by(missing);
}
