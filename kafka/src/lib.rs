//! Consumer core, producer and readers; knows nothing of submissions.

mod client;
pub mod consumer;
mod reader;
mod record;

pub use client::ClientConfig;
pub use consumer::{Consumer, ConsumerConfig, ConsumerError, ConsumerStatus, Event, Token};
pub use reader::{
    Batch, LogReader, OffsetSource, ReaderConfig, ReaderError, ReaderEvent, SourceError,
    TopicPartition,
};
pub use record::Record;
