//! Its own group on the same topics, at its own pace.
//!
//! Analytics is a [projection](store::Projection) like the results sink, and nothing else shares a fate
//! with it: stopped, slowed or replayed, it costs the evaluators nothing. It keeps facts instead of
//! counters, keyed by what they are about, in rows of its group alone. So the counts come out the same
//! in whatever order, how often and with how many interruptions the log is read; and a new group is a
//! replay beside the old one.

pub mod cli;
mod facts;
mod metrics;
pub mod report;
mod run;

pub use facts::Facts;
pub use metrics::Metrics;
pub use report::{Line, Window, report};
pub use run::{AnalyticsConfig, GROUP_ID, TOPICS, run};
