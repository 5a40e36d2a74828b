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
mod packages;
mod publish;
mod run;
mod schedule;
mod slots;

pub use config::Config;
pub use local_judge::LocalJudgeArgs;
pub use packages::Archives;
pub use run::{TOPICS, run};

#[cfg(all(feature = "hooks", not(debug_assertions)))]
compile_error!(
    "feature `hooks` lets a submission kill its evaluator: it is for tests, never for a release build"
);
