//! Following topics on the in-memory broker.

use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, Start, Tail, TailError, Tailed};

fn config(broker: &Broker) -> ClientConfig {
    ClientConfig::new(broker.bootstrap_servers(), "test")
}

async fn write(producer: &Producer, topic: &str, keys: &[&str]) -> anyhow::Result<()> {
    for key in keys {
        producer.send(NewRecord::new(topic, *key, "")).await?;
    }
    Ok(())
}

fn keys(records: &[kafka::Record]) -> Vec<String> {
    let key = |record: &kafka::Record| {
        String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned()
    };
    let mut keys: Vec<String> = records.iter().map(key).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn everything_up_to_the_present_end_is_read_once_from_all_partitions_of_all_topics()
-> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("left", 3), ("right", 2), ("empty", 2)])?;
    let producer = Producer::new(&config(&broker))?;
    write(&producer, "left", &["a", "b", "c", "d"]).await?;
    write(&producer, "right", &["e", "f"]).await?;
    let topics = ["left", "right", "empty"];
    let mut tail = Tail::open(&config(&broker), &topics, Start::Beginning).await?;
    assert_eq!(
        keys(&tail.read_to_present_end().await?),
        ["a", "b", "c", "d", "e", "f"]
    );
    assert_eq!(keys(&tail.read_to_present_end().await?), [] as [&str; 0]);
    write(&producer, "right", &["g"]).await?;
    assert_eq!(keys(&tail.read_to_present_end().await?), ["g"]);
    Ok(())
}

#[tokio::test]
async fn from_the_end_only_what_is_written_after_opening_is_seen() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 4)])?;
    let producer = Producer::new(&config(&broker))?;
    write(&producer, "things", &["old", "older"]).await?;
    let mut tail = Tail::open(&config(&broker), &["things"], Start::End).await?;
    write(&producer, "things", &["new"]).await?;
    assert_eq!(keys(&[tail.next_record().await?]), ["new"]);
    Ok(())
}

#[tokio::test]
async fn a_mark_set_from_elsewhere_comes_after_the_records_that_were_there() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 2)])?;
    let producer = Producer::new(&config(&broker))?;
    let mut tail = Tail::open(&config(&broker), &["things"], Start::Beginning).await?;
    let marker = tail.marker();
    write(&producer, "things", &["a", "b", "c"]).await?;
    let (first, second) = (marker.mark(), marker.mark());
    let mut seen = 0;
    let mut marks = Vec::new();
    while marks.len() < 2 {
        match tail.next().await? {
            Tailed::Record(_) => seen += 1,
            Tailed::Mark(mark) => {
                assert_eq!(seen, 3);
                marks.push(mark);
            }
        }
    }
    assert_eq!(marks, [first, second]);
    Ok(())
}

#[tokio::test]
async fn a_reader_that_is_slow_loses_nothing() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 1)])?;
    let producer = Producer::new(&config(&broker))?;
    let sent: Vec<_> = (0..2_000)
        .map(|n| producer.send(NewRecord::new("things", format!("{n:04}"), "")))
        .collect();
    for delivery in sent {
        delivery.await?;
    }
    let mut tail = Tail::open(&config(&broker), &["things"], Start::Beginning).await?;
    let read = tail.read_to_present_end().await?;
    let offsets: Vec<i64> = read.iter().map(|record| record.offset).collect();
    assert_eq!(offsets, (0..2_000).collect::<Vec<i64>>());
    Ok(())
}

#[tokio::test]
async fn no_broker_is_an_error_and_not_a_wait_for_ever() -> anyhow::Result<()> {
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut config = ClientConfig::new(address.to_string(), "test");
    config
        .properties
        .insert("socket.timeout.ms".into(), "300".into());
    let opened = Tail::open(&config, &["things"], Start::End).await;
    assert!(matches!(opened.err(), Some(TailError::Kafka { .. })));
    Ok(())
}
