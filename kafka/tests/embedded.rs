//! The in-memory broker as others rely on it.

use std::time::{Duration, Instant};

use kafka::admin::{Admin, AdminError};
use kafka::embedded::{Broker, Budget, MAX_PARTITION_RECORDS};
use kafka::{ClientConfig, NewRecord, Producer, Start, Tail};
use rdkafka::consumer::{BaseConsumer, Consumer};

#[tokio::test]
async fn two_brokers_share_nothing() -> anyhow::Result<()> {
    let brokers = [
        Broker::with_topics(&[("t", 1)])?,
        Broker::with_topics(&[("t", 1)])?,
    ];
    let config = |at: usize| ClientConfig::new(brokers[at].bootstrap_servers(), "test");
    Producer::new(&config(0))?
        .send(NewRecord::new("t", "k", ""))
        .await?;
    let mut other = Tail::open(&config(1), &["t"], Start::Beginning).await?;
    assert_eq!(other.read_to_present_end().await?, []);
    Ok(())
}

#[tokio::test]
async fn a_group_gets_its_partitions_without_the_usual_wait_of_three_seconds() -> anyhow::Result<()>
{
    let broker = Broker::with_topics(&[("t", 1)])?;
    let config = ClientConfig::new(broker.bootstrap_servers(), "test");
    Producer::new(&config)?
        .send(NewRecord::new("t", "k", "v"))
        .await?;
    let settings = [("group.id", "g"), ("auto.offset.reset", "earliest")];
    let consumer: BaseConsumer = config.consumer(&settings).create()?;
    consumer.subscribe(&["t"])?;
    let started = Instant::now();
    while consumer
        .poll(Duration::from_millis(50))
        .transpose()?
        .is_none()
    {
        assert!(
            started.elapsed() < Duration::from_millis(2_500),
            "the group waits for members"
        );
    }
    Ok(())
}

#[test]
fn the_budget_refuses_before_the_broker_would_drop_a_record() -> anyhow::Result<()> {
    let budget = Budget::new(&[("t", 2)]);
    for _ in 0..10 {
        budget.reserve("t", b"k", 500_000)?;
    }
    assert!(budget.reserve("t", b"k", 500_000).is_err());
    budget.give_back("t", b"k", 500_000);
    budget.reserve("t", b"k", 500_000)?;
    // The other partition is still empty, and other topics are not counted.
    budget.reserve("t", b"key of the other partition", 500_000)?;
    budget.reserve("unknown", b"k", 500_000_000)?;

    let small = Budget::new(&[("t", 1)]);
    let accepted = (0..)
        .take_while(|_| small.reserve("t", b"", 0).is_ok())
        .count();
    assert!(accepted <= MAX_PARTITION_RECORDS);
    Ok(())
}

#[tokio::test]
async fn what_the_budget_accepts_is_all_still_there_and_one_more_round_is_not() -> anyhow::Result<()>
{
    let broker = Broker::with_topics(&[("t", 1)])?;
    let config = ClientConfig::new(broker.bootstrap_servers(), "test");
    let producer = Producer::new(&config)?;
    let budget = Budget::new(&[("t", 1)]);
    let payload = vec![7_u8; 100_000];
    let mut accepted = 0;
    while budget.reserve("t", b"k", payload.len()).is_ok() {
        producer.send(incompressible(&payload, accepted)).await?;
        accepted += 1;
    }
    let mut tail = Tail::open(&config, &["t"], Start::Beginning).await?;
    assert_eq!(
        tail.read_to_present_end().await?.len(),
        usize::from(accepted)
    );
    for more in 0..accepted {
        producer.send(incompressible(&payload, more)).await?;
    }
    let mut tail = Tail::open(&config, &["t"], Start::Beginning).await?;
    assert!(tail.read_to_present_end().await?.len() < 2 * usize::from(accepted));
    Ok(())
}

/// A record that costs the broker its full size, whatever compression is set.
fn incompressible(payload: &[u8], seed: u8) -> NewRecord {
    let mut state = u32::from(seed) + 1;
    let noise = payload.iter().map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    });
    NewRecord::new("t", "k", noise.collect::<Vec<u8>>())
}

#[tokio::test]
async fn topic_administration_says_at_once_that_this_broker_has_none() -> anyhow::Result<()> {
    let broker = Broker::with_topics(&[("t", 1)])?;
    let admin = Admin::new(&ClientConfig::new(broker.bootstrap_servers(), "test"))?;
    let planned = admin.plan(&[]).await;
    assert!(matches!(planned, Err(AdminError::Embedded)), "{planned:?}");
    let acls = admin.acls().await;
    assert!(matches!(acls, Err(AdminError::Embedded)), "{acls:?}");
    Ok(())
}
