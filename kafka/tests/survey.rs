//! Asking a cluster from outside any group.

use std::collections::BTreeMap;

use anyhow::Result;
use kafka::embedded::Broker;
use kafka::{ClientConfig, Extent, NewRecord, Producer, Survey, TopicPartition};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::topic_partition_list::Offset;

#[tokio::test]
async fn a_survey_tells_extents_and_what_a_group_has_committed() -> Result<()> {
    let broker = Broker::with_topics(&[("work", 2), ("idle", 1)])?;
    let client = ClientConfig::new(broker.bootstrap_servers(), "survey-test");
    let producer = Producer::new(&client)?;
    let mut delivered = Vec::new();
    for _ in 0..5 {
        delivered.push(
            producer
                .send(NewRecord::new("work", "key", "value"))
                .await?,
        );
    }
    let busy = delivered[0].partition;
    let survey = Survey::new(client.clone());

    let extents = survey.extents(&["work", "idle", "no such topic"]).await?;
    let extent = |end| Extent { start: 0, end };
    let expected = BTreeMap::from([
        (TopicPartition::new("work", busy), extent(5)),
        (TopicPartition::new("work", 1 - busy), extent(0)),
        (TopicPartition::new("idle", 0), extent(0)),
    ]);
    assert_eq!(extents, expected);

    let consumer: BaseConsumer = client.consumer(&[("group.id", "workers")]).create()?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset("work", busy, Offset::Offset(3))?;
    consumer.commit(&list, CommitMode::Sync)?;
    let committed = survey.committed("workers", "work").await?;
    let expected = BTreeMap::from([
        (TopicPartition::new("work", busy), Some(3)),
        (TopicPartition::new("work", 1 - busy), None),
    ]);
    assert_eq!(committed, expected);
    assert!(survey.committed("workers", "nowhere").await?.is_empty());
    Ok(())
}
