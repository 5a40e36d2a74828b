//! Consume, judge, publish: takes submissions from Kafka, judges them in boxes and publishes verdicts.

pub mod cli;
mod clock;
mod commands;
mod evaluation;
mod evaluator;
mod fitness;
mod health;
mod holds;
mod identity;
mod intake;
mod languages;
mod local_judge;
mod metrics;
mod packages;
mod publish;
mod schedule;
mod slots;

pub use local_judge::LocalJudgeArgs;
pub use packages::Archives;
