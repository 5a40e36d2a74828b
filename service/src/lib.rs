//! What every Tribunal process does alike: configuration, logs, health, metrics, the end.

pub mod config;
pub mod contract;
pub mod http;
pub mod kafka_args;
pub mod metrics;
pub mod shutdown;
pub mod telemetry;

pub use http::{Endpoints, Server};
pub use kafka_args::KafkaArgs;
pub use telemetry::LogArgs;
