//! Where the partitions of a topic end.

use std::time::Duration;

use anyhow::Context;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use super::consumer;

const PATIENCE: Duration = Duration::from_secs(10);

/// Asks how many records a topic has.
pub(crate) struct Ends {
    consumer: BaseConsumer,
    partitions: TopicPartitionList,
}

impl Ends {
    /// Of this topic, all of whose records are still there.
    pub(crate) fn of(servers: &str, topic: &str) -> anyhow::Result<Self> {
        let consumer: BaseConsumer = consumer(servers, "bare-ends").create()?;
        let partitions = partitions(&consumer, topic)?;
        Ok(Self {
            consumer,
            partitions,
        })
    }

    /// Records of all partitions: one question for all.
    pub(crate) fn count(&self) -> anyhow::Result<i64> {
        let ends = ends(&self.consumer, &self.partitions)?;
        let offset = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            element.offset().to_raw().unwrap_or(0)
        };
        Ok(ends.elements().iter().map(offset).sum())
    }

    /// Lets a group that has no members go on from here.
    pub(crate) fn begin_here(servers: &str, topic: &str, group: &str) -> anyhow::Result<()> {
        let consumer: BaseConsumer = consumer(servers, group).create()?;
        let ends = ends(&consumer, &partitions(&consumer, topic)?)?;
        Ok(consumer.commit(&ends, CommitMode::Sync)?)
    }
}

/// Assigns all partitions of the topic from their present ends.
pub(crate) fn start_at_ends(consumer: &BaseConsumer, topic: &str) -> anyhow::Result<()> {
    let ends = ends(consumer, &partitions(consumer, topic)?)?;
    Ok(consumer.assign(&ends)?)
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> anyhow::Result<TopicPartitionList> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let found = metadata.topics().first().context("no such topic")?;
    let mut list = TopicPartitionList::new();
    for partition in found.partitions() {
        list.add_partition_offset(topic, partition.id(), Offset::End)?;
    }
    Ok(list)
}

fn ends(
    consumer: &BaseConsumer,
    partitions: &TopicPartitionList,
) -> anyhow::Result<TopicPartitionList> {
    let ends = consumer.offsets_for_times(partitions.clone(), PATIENCE)?;
    for element in ends.elements() {
        element.error()?;
    }
    Ok(ends)
}
