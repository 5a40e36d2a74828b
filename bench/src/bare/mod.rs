//! Bare librdkafka: the baselines, in code that knows nothing of ours.
//!
//! It promises what our clients promise (idempotent, acknowledged by all replicas in sync) and does nothing else: no order, no
//! bookkeeping, no metadata. What it measures with is the same for a bare trip and for one through our evaluators.

mod arrivals;
mod ends;
mod hop;
mod sender;

use rdkafka::ClientConfig;

pub(crate) use arrivals::Arrivals;
pub(crate) use ends::{Ends, start_at_ends};
pub(crate) use hop::Hop;
pub(crate) use sender::Sender;

/// How long a producer waits for more before it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linger {
    /// Not at all: the shortest trip.
    None,
    /// As long as librdkafka does unless told otherwise: the largest batches.
    Default,
}

fn client(servers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers);
    config.set("client.id", "bare");
    config.set("socket.nagle.disable", "true");
    config
}

fn producer(servers: &str, linger: Linger) -> ClientConfig {
    let mut config = client(servers);
    config.set("enable.idempotence", "true");
    config.set("acks", "all");
    config.set("compression.type", "lz4");
    if linger == Linger::None {
        config.set("linger.ms", "0");
    }
    config
}

fn consumer(servers: &str, group: &str) -> ClientConfig {
    let mut config = client(servers);
    config.set("group.id", group);
    config.set("auto.offset.reset", "earliest");
    config
}
