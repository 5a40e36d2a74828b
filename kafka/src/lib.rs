//! Consumer core, producer and readers; knows nothing of submissions.

pub mod admin;
pub mod client;
mod closing;
pub mod consumer;
pub mod embedded;
pub mod partitioner;
pub mod producer;
mod reader;
mod record;
mod survey;
pub mod tail;

pub use client::{ClientConfig, GroupProtocol};
pub use consumer::{Consumer, ConsumerConfig, ConsumerError, ConsumerStatus, Event, Token};
pub use producer::{Delivered, Delivery, ProduceError, Producer};
pub use reader::{
    Batch, LogReader, OffsetSource, ReaderConfig, ReaderError, ReaderEvent, SourceError,
    TopicPartition,
};
pub use record::{NewRecord, Record};
pub use survey::{Extent, Survey, SurveyError};
pub use tail::{Start, Tail, TailError, Tailed};
