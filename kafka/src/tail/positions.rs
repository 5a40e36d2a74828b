//! Turning where to start into plain offsets.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};

use super::{POLL, Start, TailError};
use crate::client::LogContext;

/// The ids of a topic's partitions.
pub(super) fn partitions(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    timeout: Duration,
) -> Result<Vec<i32>, TailError> {
    let metadata = consumer
        .fetch_metadata(Some(topic), timeout)
        .map_err(|source| TailError::Kafka {
            topic: topic.to_owned(),
            source,
        })?;
    let mut topics = metadata.topics().iter();
    let known = topics.find(|known| known.name() == topic && known.error().is_none());
    match known.map(|known| known.partitions()) {
        None | Some([]) => Err(TailError::TopicMissing {
            topic: topic.to_owned(),
        }),
        Some(partitions) => Ok(partitions.iter().map(|partition| partition.id()).collect()),
    }
}

/// A partition that was just created, or is moving, has no leader for a moment.
pub(super) fn resolve_patiently(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    partitions: &[i32],
    start: Start,
    timeout: Duration,
) -> Result<BTreeMap<i32, i64>, KafkaError> {
    let deadline = Instant::now() + timeout;
    loop {
        match resolve(consumer, topic, partitions, start, timeout) {
            Err(error) if Instant::now() < deadline => {
                tracing::debug!(topic, %error, "tail: cannot learn the start yet");
                std::thread::sleep(POLL);
            }
            answer => return answer,
        }
    }
}

/// Turns a start into one offset for each partition, in one request. A list offsets request takes
/// the two logical offsets in place of a time stamp.
pub(super) fn resolve(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    partitions: &[i32],
    start: Start,
    timeout: Duration,
) -> Result<BTreeMap<i32, i64>, KafkaError> {
    let asked = match start {
        Start::Beginning => Offset::Beginning,
        Start::End => Offset::End,
        Start::Timestamp(at_ms) => Offset::Offset(at_ms),
    };
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition_offset(topic, *partition, asked)?;
    }
    let answered = consumer.offsets_for_times(list, timeout)?;
    let mut offsets = BTreeMap::new();
    let mut beyond_newest = Vec::new();
    for element in answered.elements() {
        element.error()?;
        match element.offset() {
            Offset::Offset(offset) => drop(offsets.insert(element.partition(), offset)),
            _ => beyond_newest.push(element.partition()),
        }
    }
    if !beyond_newest.is_empty() {
        if start == Start::End {
            return Err(KafkaError::OffsetFetch(
                rdkafka::error::RDKafkaErrorCode::NoOffset,
            ));
        }
        offsets.extend(resolve(
            consumer,
            topic,
            &beyond_newest,
            Start::End,
            timeout,
        )?);
    }
    Ok(offsets)
}
