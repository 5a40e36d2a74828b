//! The producer against the in-memory broker, and against none.

use std::time::Duration;

use kafka::embedded::Broker;
use kafka::partitioner::partition_for;
use kafka::{ClientConfig, NewRecord, ProduceError, Producer, Start, Tail};

fn config(bootstrap_servers: &str) -> ClientConfig {
    ClientConfig::new(bootstrap_servers, "test")
}

/// A loopback port that nobody listens on.
fn dead_port() -> anyhow::Result<String> {
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    Ok(address.to_string())
}

#[tokio::test]
async fn a_delivery_resolves_with_the_place_where_the_record_is() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 3)])?;
    let config = config(broker.bootstrap_servers());
    let producer = Producer::new(&config)?;
    let headers = vec![
        ("a".to_owned(), b"1".to_vec()),
        ("b".to_owned(), Vec::new()),
    ];
    let record = NewRecord::new("things", "key", "value").with_headers(headers.clone());
    let delivered = producer.send(record).await?;
    assert_eq!(delivered.offset, 0);
    assert_eq!(producer.in_flight(), 0);
    assert_eq!(producer.oldest_in_flight(), None);

    let mut tail = Tail::open(&config, &["things"], Start::Beginning).await?;
    let read = tail.next_record().await?;
    assert_eq!(
        (read.partition, read.offset),
        (delivered.partition, delivered.offset)
    );
    assert_eq!(read.key.as_deref(), Some(&b"key"[..]));
    assert_eq!(read.payload, b"value");
    assert_eq!(read.headers, headers);
    assert_eq!(read.text_header("a"), Some("1"));
    assert_eq!(read.header("c"), None);
    Ok(())
}

#[tokio::test]
async fn a_record_that_someone_waits_for_outlives_its_producer() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 1)])?;
    let config = config(broker.bootstrap_servers());
    let delivery = Producer::new(&config)?.send(NewRecord::new("things", "key", "value"));
    assert_eq!(delivery.await?.offset, 0);
    Ok(())
}

#[tokio::test]
async fn a_key_goes_to_the_partition_that_every_kafka_client_would_choose() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 7)])?;
    let producer = Producer::new(&config(broker.bootstrap_servers()))?;
    for key in ["a", "hello", "aplusb", "0123456789abcdef", "ü"] {
        let delivered = producer.send(NewRecord::new("things", key, "")).await?;
        assert_eq!(
            usize::try_from(delivered.partition)?,
            partition_for(key.as_bytes(), 7),
            "{key}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn many_in_flight_all_get_their_own_report() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("things", 1)])?;
    let producer = Producer::new(&config(broker.bootstrap_servers()))?;
    let sent: Vec<_> = (0..1_000_u32)
        .map(|n| producer.send(NewRecord::new("things", n.to_be_bytes(), "x")))
        .collect();
    let mut offsets = Vec::new();
    for delivery in sent {
        offsets.push(delivery.await?.offset);
    }
    assert_eq!(offsets, (0..1_000).collect::<Vec<i64>>());
    Ok(())
}

#[tokio::test]
async fn no_broker_is_told_apart_once_the_time_is_over() -> anyhow::Result<()> {
    let mut config = config(&dead_port()?);
    config
        .properties
        .insert("message.timeout.ms".into(), "300".into());
    let producer = Producer::new(&config)?;
    let delivery = producer.send(NewRecord::new("things", "key", "value"));
    assert_eq!(producer.in_flight(), 1);
    assert!(producer.oldest_in_flight().is_some());
    let error = delivery.await.err();
    assert!(
        matches!(error, Some(ProduceError::BrokerAway { .. })),
        "{error:?}"
    );
    assert!(error.is_some_and(|error| error.is_retriable()));
    Ok(())
}

#[tokio::test]
async fn a_record_above_every_limit_is_refused_at_once() -> anyhow::Result<()> {
    let producer = Producer::new(&config(&dead_port()?))?;
    let record = NewRecord::new("things", "key", vec![0; 9 << 20]);
    let error = producer.send(record).await.err();
    let expected = ProduceError::TooLarge {
        topic: "things".to_owned(),
        bytes: (9 << 20) + 3,
    };
    assert_eq!(error, Some(expected));
    Ok(())
}

#[tokio::test]
async fn a_full_queue_refuses_instead_of_waiting() -> anyhow::Result<()> {
    let mut config = config(&dead_port()?);
    for (name, value) in [
        ("queue.buffering.max.messages", "2"),
        ("message.timeout.ms", "300"),
    ] {
        config.properties.insert(name.into(), value.into());
    }
    let producer = Producer::new(&config)?;
    let sent: Vec<_> = (0..3)
        .map(|_| producer.send(NewRecord::new("things", "key", "value")))
        .collect();
    let mut errors = Vec::new();
    for delivery in sent {
        errors.push(delivery.await.err());
    }
    assert!(
        matches!(errors[0], Some(ProduceError::BrokerAway { .. })),
        "{errors:?}"
    );
    assert_eq!(errors[2], Some(ProduceError::QueueFull));
    Ok(())
}

#[tokio::test]
async fn a_flush_says_when_records_are_left_without_a_report() -> anyhow::Result<()> {
    let producer = Producer::new(&config(&dead_port()?))?;
    let _delivery = producer.send(NewRecord::new("things", "key", "value"));
    assert!(producer.flush(Duration::from_millis(50)).is_err());
    let broker = Broker::with_topics(&[("things", 1)])?;
    let producer = Producer::new(&config(broker.bootstrap_servers()))?;
    let _delivery = producer.send(NewRecord::new("things", "key", "value"));
    producer.flush(Duration::from_secs(10))?;
    assert_eq!(producer.in_flight(), 0);
    Ok(())
}
