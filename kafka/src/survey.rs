//! How far groups have come and how long partitions are, asked from outside any group.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::client::LogContext;
use crate::{ClientConfig, TopicPartition};

/// What a partition holds at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The oldest offset that is still there.
    pub start: i64,
    /// The offset that the next record gets.
    pub end: i64,
}

/// The cluster did not answer a question.
#[derive(Debug, thiserror::Error)]
#[error(
    "failed to {asking}: check --bootstrap-servers, and that the service may describe the group and its topics"
)]
pub struct SurveyError {
    asking: String,
    #[source]
    source: KafkaError,
}

/// A process that is told to stop waits for the question that is under way.
const LONGEST: Duration = Duration::from_secs(5);

/// Asks a cluster; keeps no connection between two questions.
#[derive(Clone, Debug)]
pub struct Survey {
    client: ClientConfig,
}

impl Survey {
    /// Of this cluster.
    pub fn new(client: ClientConfig) -> Self {
        Self { client }
    }

    /// What each partition of these topics holds. A topic that does not exist has none.
    pub async fn extents(
        &self,
        topics: &[&str],
    ) -> Result<BTreeMap<TopicPartition, Extent>, SurveyError> {
        let topics: Vec<String> = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let asking = "ask how long partitions are".to_owned();
        // A name is needed to make a consumer; nobody joins anything.
        self.ask("survey", asking, move |consumer, timeout| {
            let partitions = partitions(consumer, &topics, timeout)?;
            let extents = partitions.into_iter().map(|partition| {
                let (topic, number) = (&partition.topic, partition.partition);
                let (start, end) = consumer.fetch_watermarks(topic, number, timeout)?;
                Ok((partition, Extent { start, end }))
            });
            extents.collect()
        })
        .await
    }

    /// The committed offset of each partition of a topic; none where the group has committed nothing.
    pub async fn committed(
        &self,
        group_id: &str,
        topic: &str,
    ) -> Result<BTreeMap<TopicPartition, Option<i64>>, SurveyError> {
        let asking = format!("ask how far group `{group_id}` is on `{topic}`");
        let topics = [topic.to_owned()];
        self.ask(group_id, asking, move |consumer, timeout| {
            let mut list = TopicPartitionList::new();
            for partition in partitions(consumer, &topics, timeout)? {
                list.add_partition(&partition.topic, partition.partition);
            }
            if list.count() == 0 {
                return Ok(BTreeMap::new());
            }
            let committed = consumer.committed_offsets(list, timeout)?;
            let lines = committed.elements().into_iter().map(|line| {
                line.error()?;
                let offset = match line.offset() {
                    Offset::Offset(offset) => Some(offset),
                    _ => None,
                };
                Ok((TopicPartition::new(line.topic(), line.partition()), offset))
            });
            lines.collect()
        })
        .await
    }

    /// Every question blocks, so each has a thread and a client of its own for as long as it takes.
    async fn ask<T: Send + 'static>(
        &self,
        group_id: &str,
        asking: String,
        question: impl FnOnce(&BaseConsumer<LogContext>, Duration) -> Result<T, KafkaError>
        + Send
        + 'static,
    ) -> Result<T, SurveyError> {
        let config = self.client.consumer(&[("group.id", group_id)]);
        let timeout = self.client.request_timeout().min(LONGEST);
        let asked = tokio::task::spawn_blocking(move || {
            let consumer: BaseConsumer<LogContext> = config.create_with_context(LogContext)?;
            question(&consumer, timeout)
        });
        let answer = asked.await.unwrap_or(Err(KafkaError::Canceled));
        answer.map_err(|source| SurveyError { asking, source })
    }
}

/// Every partition of these topics. All topics are asked for: asking for one by name can create it.
fn partitions(
    consumer: &BaseConsumer<LogContext>,
    topics: &[String],
    timeout: Duration,
) -> Result<Vec<TopicPartition>, KafkaError> {
    let metadata = consumer.fetch_metadata(None, timeout)?;
    let wanted = metadata.topics().iter();
    let wanted = wanted.filter(|topic| topics.iter().any(|name| name == topic.name()));
    let partitions = wanted.flat_map(|topic| {
        let numbers = topic.partitions().iter().map(|partition| partition.id());
        numbers.map(|number| TopicPartition::new(topic.name(), number))
    });
    Ok(partitions.collect())
}
