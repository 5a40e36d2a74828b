//! Consume, judge, publish: takes submissions from Kafka, judges them in boxes and publishes verdicts.

mod backoff;
mod breaker;
pub mod cli;
mod clock;
mod commands;
pub mod config;
mod evaluation;
mod evaluator;
mod fitness;
mod health;
mod holds;
#[cfg(feature = "hooks")]
mod hooks;
mod identity;
mod intake;
mod languages;
mod local_judge;
mod metrics;
mod observe;
mod packages;
mod publish;
mod run;
mod schedule;
mod slots;

pub use config::Config;
pub use local_judge::LocalJudgeArgs;
pub use metrics::describe_metrics;
pub use packages::Archives;
pub use run::{TOPICS, run};

/// Whether a submission may ask its evaluator to die or to sleep instead of judging: for tests and benchmarks.
pub const HOOKS: bool = cfg!(feature = "hooks");
