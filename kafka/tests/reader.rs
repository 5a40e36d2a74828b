//! The log reader against the embedded broker: where it starts, how it hands out, and what ends it.

use std::collections::{BTreeMap, HashMap};
use std::future::pending;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use kafka::embedded::Broker;
use kafka::{
    Batch, ClientConfig, LogReader, NewRecord, OffsetSource, Producer, ReaderConfig, ReaderError,
    ReaderEvent, SourceError, TopicPartition,
};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

const TOPIC: &str = "log";
const PATIENCE: Duration = Duration::from_secs(30);

/// What a source knows, does not know, or never says.
enum Source {
    Knows(HashMap<TopicPartition, i64>),
    Fails,
    Hangs,
}

impl OffsetSource for Source {
    async fn next_offsets(
        &self,
        _partitions: &[TopicPartition],
    ) -> Result<HashMap<TopicPartition, i64>, SourceError> {
        match self {
            Self::Knows(offsets) => Ok(offsets.clone()),
            Self::Fails => Err("the database is on fire".into()),
            Self::Hangs => pending().await,
        }
    }
}

fn nothing_known() -> Source {
    Source::Knows(HashMap::new())
}

fn known(offset: i64) -> Source {
    Source::Knows(HashMap::from([(TopicPartition::new(TOPIC, 0), offset)]))
}

fn config(broker: &Broker) -> ReaderConfig {
    let mut client = ClientConfig::new(broker.bootstrap_servers(), "reader-test");
    // The embedded broker lets a rebalance take a second less than this.
    client
        .properties
        .insert("session.timeout.ms".into(), "1500".into());
    client
        .properties
        .insert("heartbeat.interval.ms".into(), "100".into());
    ReaderConfig::new(client, "readers", [TOPIC])
}

/// Writes numbered records; each key spreads over the partitions.
async fn write(broker: &Broker, numbers: std::ops::Range<u32>) -> Result<()> {
    let client = ClientConfig::new(broker.bootstrap_servers(), "writer");
    let producer = Producer::new(&client)?;
    let sent: Vec<_> = numbers
        .map(|number| {
            let number = number.to_string();
            producer.send(NewRecord::new(TOPIC, number.clone(), number))
        })
        .collect();
    for delivery in sent {
        delivery.await?;
    }
    Ok(())
}

async fn next(reader: &mut LogReader) -> Result<ReaderEvent> {
    let event = tokio::time::timeout(PATIENCE, reader.next()).await;
    event.context("no event came")?.context("the reader ended")
}

async fn next_batch(reader: &mut LogReader) -> Result<Batch> {
    loop {
        match next(reader).await? {
            ReaderEvent::Batch(batch) => return Ok(batch),
            ReaderEvent::Assigned(_) => {}
            other => bail!("unexpected {other:?}"),
        }
    }
}

async fn fatal(reader: &mut LogReader) -> Result<ReaderError> {
    match next(reader).await? {
        ReaderEvent::Fatal(error) => Ok(error),
        other => bail!("unexpected {other:?}"),
    }
}

async fn read_offsets(reader: &mut LogReader, count: usize) -> Result<Vec<i64>> {
    let mut offsets = Vec::new();
    while offsets.len() < count {
        let batch = next_batch(reader).await?;
        offsets.extend(batch.records.iter().map(|record| record.offset));
    }
    Ok(offsets)
}

#[tokio::test]
async fn a_partition_without_an_offset_is_read_from_the_beginning() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..5).await?;
    let mut reader = LogReader::start(config(&broker), nothing_known())?;
    let ReaderEvent::Assigned(positions) = next(&mut reader).await? else {
        bail!("the assignment comes first");
    };
    assert_eq!(
        positions,
        BTreeMap::from([(TopicPartition::new(TOPIC, 0), None)])
    );
    assert_eq!(read_offsets(&mut reader, 5).await?, [0, 1, 2, 3, 4]);
    reader.stop().await;
    Ok(())
}

#[tokio::test]
async fn reading_goes_on_where_the_source_says() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..5).await?;
    let mut reader = LogReader::start(config(&broker), known(3))?;
    let ReaderEvent::Assigned(positions) = next(&mut reader).await? else {
        bail!("the assignment comes first");
    };
    assert_eq!(
        positions,
        BTreeMap::from([(TopicPartition::new(TOPIC, 0), Some(3))])
    );
    let batch = next_batch(&mut reader).await?;
    assert_eq!(batch.records[0].offset, 3);
    assert_eq!(batch.records[0].payload, b"3");
    reader.stop().await;
    Ok(())
}

#[tokio::test]
async fn at_the_very_end_of_the_log_a_reader_waits_for_more() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..5).await?;
    let mut reader = LogReader::start(config(&broker), known(5))?;
    assert!(matches!(next(&mut reader).await?, ReaderEvent::Assigned(_)));
    write(&broker, 5..6).await?;
    assert_eq!(read_offsets(&mut reader, 1).await?, [5]);
    reader.stop().await;
    Ok(())
}

#[tokio::test]
async fn records_that_expired_unread_end_the_reader_with_their_number() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    // The embedded broker drops the oldest beyond 5 MB a partition.
    let client = ClientConfig::new(broker.bootstrap_servers(), "writer");
    let producer = Producer::new(&client)?;
    let mut noise = 1_u32;
    for _ in 0..20 {
        let incompressible = (0..500_000).map(|_| {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            noise as u8
        });
        let payload: Vec<u8> = incompressible.collect();
        producer.send(NewRecord::new(TOPIC, "key", payload)).await?;
    }
    let mut reader = LogReader::start(config(&broker), known(0))?;
    let error = fatal(&mut reader).await?;
    let ReaderError::RetentionBreach {
        ref partition,
        next_offset,
        log_start,
    } = error
    else {
        bail!("unexpected {error:?}");
    };
    assert_eq!(
        (partition, next_offset),
        (&TopicPartition::new(TOPIC, 0), 0)
    );
    assert!(log_start > 0);
    assert!(!error.is_transient());
    let message = error.to_string();
    assert!(
        message.contains(&format!("{log_start} records expired unread")),
        "{message}"
    );
    assert!(reader.next().await.is_none());
    Ok(())
}

#[tokio::test]
async fn an_offset_beyond_the_logs_end_ends_the_reader() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..5).await?;
    let mut reader = LogReader::start(config(&broker), known(6))?;
    let error = fatal(&mut reader).await?;
    assert!(
        matches!(
            error,
            ReaderError::BeyondLogEnd {
                next_offset: 6,
                log_end: 5,
                ..
            }
        ),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_source_that_fails_ends_the_reader_for_now() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    let mut reader = LogReader::start(config(&broker), Source::Fails)?;
    let error = fatal(&mut reader).await?;
    assert!(error.is_transient());
    assert!(
        error.to_string().contains("the database is on fire"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn a_source_that_never_answers_is_not_waited_for_without_end() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    let mut config = config(&broker);
    config.offsets_timeout = Duration::from_millis(50);
    let mut reader = LogReader::start(config, Source::Hangs)?;
    let error = fatal(&mut reader).await?;
    assert!(
        error.to_string().contains("no answer within 50ms"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn batches_are_cut_by_records_and_by_bytes() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..6).await?;
    let unhurried = ReaderConfig {
        linger: PATIENCE,
        ..config(&broker)
    };

    let by_records = ReaderConfig {
        batch_records: 2,
        ..unhurried.clone()
    };
    let mut reader = LogReader::start(by_records, nothing_known())?;
    for _ in 0..3 {
        assert_eq!(next_batch(&mut reader).await?.records.len(), 2);
    }
    reader.stop().await;

    // One digit of key and one of payload: two bytes a record.
    let by_bytes = ReaderConfig {
        batch_bytes: 6,
        group_id: "others".into(),
        ..unhurried
    };
    let mut reader = LogReader::start(by_bytes, nothing_known())?;
    for _ in 0..2 {
        assert_eq!(next_batch(&mut reader).await?.records.len(), 3);
    }
    reader.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_batch_names_where_each_of_its_partitions_goes_on() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 3)])?;
    write(&broker, 0..30).await?;
    let mut reader = LogReader::start(config(&broker), nothing_known())?;
    let mut next_offsets = BTreeMap::new();
    let mut read = 0;
    while read < 30 {
        let batch = next_batch(&mut reader).await?;
        read += batch.records.len();
        next_offsets.extend(batch.next_offsets());
    }
    assert_eq!(next_offsets.values().sum::<i64>(), 30);
    reader.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_slow_caller_stays_in_its_group_and_gets_every_record_once() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..50).await?;
    let mut config = ReaderConfig {
        batch_records: 1,
        batches_ahead: 1,
        ..config(&broker)
    };
    let interval = Duration::from_millis(2_000);
    for setting in ["session.timeout.ms", "max.poll.interval.ms"] {
        config
            .client
            .properties
            .insert(setting.into(), interval.as_millis().to_string());
    }
    let mut reader = LogReader::start(config, nothing_known())?;
    let mut offsets = read_offsets(&mut reader, 1).await?;
    // Being slow is what is tested: far longer than a member may go without a poll.
    tokio::time::sleep(interval * 2).await;
    assert!(
        reader.poll_age() < interval,
        "the polling thread was held up"
    );
    offsets.extend(read_offsets(&mut reader, 49).await?);
    assert_eq!(offsets, (0..50).collect::<Vec<_>>());
    reader.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_second_member_takes_over_what_the_first_is_told_to_give_up() -> Result<()> {
    for _ in 0..5 {
        let (given_up, taken_over) = hand_over().await?;
        // A first member that must give up all was thrown out: the embedded broker does that to whoever
        // needs more than a second for a step of a rebalance, which a busy machine may need.
        if given_up.len() == 1 {
            assert_eq!(given_up, taken_over);
            return Ok(());
        }
    }
    bail!("the first member lost all its partitions in each of five runs")
}

/// The partition of a batch of one record.
fn partition_of(batch: &Batch) -> Option<TopicPartition> {
    batch.next_offsets().into_keys().next()
}

#[tokio::test]
async fn a_partition_that_was_paused_when_it_was_given_up_is_read_when_it_comes_back() -> Result<()>
{
    let broker = Broker::with_topics(&[(TOPIC, 2)])?;
    write(&broker, 0..50).await?;
    let mut config = ReaderConfig {
        batch_records: 1,
        batches_ahead: 1,
        ..config(&broker)
    };
    let session = ("session.timeout.ms".into(), "4000".into());
    config.client.properties.extend([session]);
    let mut first = LogReader::start(config.clone(), nothing_known())?;
    read_offsets(&mut first, 1).await?;
    // Being busy is what is tested: longer than a reader waits before it pauses.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut second = LogReader::start(config, nothing_known())?;
    while !matches!(next(&mut second).await?, ReaderEvent::Assigned(got) if !got.is_empty()) {}
    let given_up = loop {
        if let ReaderEvent::Revoked(given_up) = next(&mut first).await? {
            break given_up;
        }
    };
    // While nobody is busy any more, and so everything is resumed that we still own.
    tokio::join!(second.stop(), async {
        while tokio::time::timeout(PATIENCE, first.next()).await.is_ok_and(
            |event| !matches!(event, Some(ReaderEvent::Assigned(got)) if got.contains_key(&given_up[0])),
        ) {}
    });
    while partition_of(&next_batch(&mut first).await?) != given_up.first().cloned() {}
    first.stop().await;
    Ok(())
}

/// What the first of two members gave up when the second came, and what that one got.
async fn hand_over() -> Result<(Vec<TopicPartition>, Vec<TopicPartition>)> {
    let broker = Broker::with_topics(&[(TOPIC, 2)])?;
    let mut patient = config(&broker);
    let session = ("session.timeout.ms".into(), "4000".into());
    patient.client.properties.extend([session]);
    let mut first = LogReader::start(patient.clone(), nothing_known())?;
    let ReaderEvent::Assigned(all) = next(&mut first).await? else {
        bail!("no assignment")
    };
    assert_eq!(all.len(), 2);

    let mut second = LogReader::start(patient, nothing_known())?;
    let ReaderEvent::Revoked(given_up) = next(&mut first).await? else {
        bail!("no revoke")
    };
    let taken_over = loop {
        match next(&mut second).await? {
            ReaderEvent::Assigned(positions) if !positions.is_empty() => break positions,
            ReaderEvent::Assigned(_) => {}
            other => bail!("unexpected {other:?}"),
        }
    };
    first.stop().await;
    second.stop().await;
    Ok((given_up, taken_over.into_keys().collect()))
}

#[tokio::test]
async fn an_advisory_commit_is_seen_by_lag_tools() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..3).await?;
    let mut reader = LogReader::start(config(&broker), nothing_known())?;
    read_offsets(&mut reader, 3).await?;
    let ours = (TopicPartition::new(TOPIC, 0), 3);
    // A partition that is not ours must not be committed: it would move somebody else.
    let foreign = (TopicPartition::new("other", 0), 7);
    reader.commit_advisory(BTreeMap::from([ours, foreign]));
    reader.stop().await;

    let tool: BaseConsumer = ClientConfig::new(broker.bootstrap_servers(), "lag-tool")
        .consumer(&[("group.id", "readers")])
        .create()?;
    let committed = |topic: &str| -> Result<Offset> {
        let mut asked = TopicPartitionList::new();
        asked.add_partition(topic, 0);
        let answer = tool.committed_offsets(asked, PATIENCE)?;
        Ok(answer.elements().first().context("no answer")?.offset())
    };
    assert_eq!(committed(TOPIC)?, Offset::Offset(3));
    assert_eq!(committed("other")?, Offset::Invalid);
    Ok(())
}

#[tokio::test]
async fn a_reader_can_be_stopped_while_the_broker_is_away() -> Result<()> {
    let broker = Broker::with_topics(&[(TOPIC, 1)])?;
    write(&broker, 0..3).await?;
    let mut reader = LogReader::start(config(&broker), nothing_known())?;
    read_offsets(&mut reader, 3).await?;
    broker.set_reachable(false)?;
    reader.commit_advisory(BTreeMap::from([(TopicPartition::new(TOPIC, 0), 3)]));
    tokio::time::timeout(PATIENCE, reader.stop())
        .await
        .context("stopping hung")
}
