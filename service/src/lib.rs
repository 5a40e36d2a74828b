//! What every Tribunal process does alike: configuration, logs, health, metrics, the end.

pub mod completions;
pub mod config;
pub mod contract;
mod database_args;
pub mod http;
pub mod kafka_args;
pub mod metrics;
#[cfg(feature = "projection")]
mod projection;
pub mod shutdown;
pub mod telemetry;

pub use database_args::DatabaseArgs;
pub use http::{Endpoints, Server};
pub use kafka_args::KafkaArgs;
#[cfg(feature = "projection")]
pub use projection::ProjectionRole;
pub use telemetry::LogArgs;
