//! Verdicts into the database, once each (invariant I5).
//!
//! The sink is a [projection](store::Projection) of three topics. What makes a repeat harmless stands in
//! the tables' keys: an accepted submission is its id, a judgement and a verdict are (submission,
//! generation), and everything else is keyed by the coordinates of the record it came from. So a record
//! may be read any number of times, by any number of sinks, and is recorded once.
//!
//! What the sink writes to the log goes through an outbox in the same database: verdicts that count to
//! `verdicts.latest`, and submissions to be judged again to the bulk lane.

mod accepted;
pub mod check;
pub mod cli;
mod leading;
mod metrics;
mod outbox;
mod placeholders;
mod quarantine;
pub mod query;
mod reading;
mod reconcile;
pub mod rejudge;
mod run;
mod sink;
mod verdicts;

pub use metrics::Metrics;
pub use query::{Found, Query, query};
pub use reconcile::ReconcileConfig;
pub use run::{GROUP_ID, SinkConfig, TOPICS, run};
pub use sink::{Outcome, Sink};
