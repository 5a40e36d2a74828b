//! Verdicts into the database, once each (invariant I5).
//!
//! The sink is a [projection](store::Projection) of three topics. What makes a repeat harmless stands in
//! the tables' keys: an accepted submission is its id, a judgement and a verdict are (submission,
//! generation), and everything else is keyed by the coordinates of the record it came from. So a record
//! may be read any number of times, by any number of sinks, and is recorded once.

mod accepted;
pub mod cli;
mod metrics;
mod quarantine;
pub mod query;
mod reading;
mod run;
mod sink;
mod verdicts;

pub use metrics::Metrics;
pub use query::{Found, Query, query};
pub use run::{GROUP_ID, SinkConfig, TOPICS, run};
pub use sink::{Outcome, Sink};
