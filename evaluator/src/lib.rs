//! Consume, judge, publish: takes submissions from Kafka, judges them in boxes and publishes verdicts.

pub mod cli;
mod commands;
mod local_judge;
