//! The consumer core against a broker: librdkafka's in-memory one, inside this process.

mod group;
mod hand_off;
mod restart;
