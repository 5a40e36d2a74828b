//! The consumer core's commits on a real broker: what an in-memory one can only pretend to store.

use std::time::{Duration, SystemTime};

use anyhow::{Context, bail, ensure};
use e2e::broker::Broker;
use e2e::eventually::eventually;
use kafka::admin::{Admin, TopicSpec};
use kafka::{ClientConfig, Consumer, ConsumerConfig, Event, NewRecord, Producer, Token};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::topic_partition_list::Offset;
use tokio::sync::mpsc::Receiver;

const TOPIC: &str = "records";
const GROUP: &str = "readers";
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn new_metadata_at_an_unmoved_frontier_is_read_back_after_a_commit() -> anyhow::Result<()> {
    let log = Log::start(1).await?;
    log.write(4).await?;
    let mut member = log.join()?;
    let tokens = member.ready(4).await?;
    for index in [2, 1] {
        let former = log.committed(0)?;
        member.consumer.complete(tokens[index]);
        eventually(PATIENCE, "new metadata is committed", async || {
            Ok((log.committed(0)? != former).then_some(()))
        })
        .await?;
        ensure!(
            log.committed(0)?.0 == Offset::Offset(0),
            "the frontier moved"
        );
    }
    member.consumer.stop().await;

    let mut successor = log.join()?;
    let offsets: Vec<i64> = successor
        .ready(2)
        .await?
        .iter()
        .map(|it| it.offset)
        .collect();
    assert_eq!(
        offsets,
        [0, 3],
        "what was done beyond the frontier stays done"
    );
    successor.consumer.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_late_commit_after_a_revoke_changes_nothing() -> anyhow::Result<()> {
    let log = Log::start(2).await?;
    log.write(16).await?;
    let mut first = log.join()?;
    let tokens = first.ready(16).await?;
    for token in &tokens {
        ensure!(
            first.consumer.try_start(*token, in_an_hour()),
            "not started"
        );
    }

    let mut second = log.join()?;
    let moved = first.loses_a_partition().await?;
    let (late, kept): (Vec<Token>, Vec<Token>) = tokens
        .iter()
        .partition(|token| token.partition.partition == moved);
    ensure!(
        late.len() > 1 && kept.len() > 1,
        "both partitions have records"
    );
    // What runs at the first comes to the second as held, and its verdicts are seen there.
    for _ in &late {
        let token = second.held().await?;
        second.consumer.complete(token);
    }
    let end = |tokens: &[Token]| Offset::Offset(i64::try_from(tokens.len()).unwrap_or(i64::MAX));
    log.until_committed(moved, end(&late)).await?;

    // Late completions of what it lost ride along with those of what it kept.
    for token in late.iter().chain(&kept) {
        first.consumer.complete(*token);
    }
    log.until_committed(1 - moved, end(&kept)).await?;
    ensure!(
        log.committed(moved)?.0 == end(&late),
        "the group was rewound"
    );
    first.consumer.stop().await;
    ensure!(
        log.committed(moved)?.0 == end(&late),
        "the group was rewound"
    );
    second.consumer.stop().await;
    Ok(())
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3_600)
}

/// A real broker with one topic.
struct Log {
    client: ClientConfig,
    _broker: Broker,
}

impl Log {
    async fn start(partitions: i32) -> anyhow::Result<Self> {
        let broker = Broker::start()?;
        let client = ClientConfig::new(broker.bootstrap_servers(), "e2e");
        let topic = TopicSpec {
            name: TOPIC.to_owned(),
            partitions,
            replication: 1,
            config: Default::default(),
            partitions_fixed: false,
            successor_of: Vec::new(),
        };
        Admin::new(&client)?.apply(&[topic]).await?;
        Ok(Self {
            client,
            _broker: broker,
        })
    }

    /// Keys that meet every partition.
    async fn write(&self, count: usize) -> anyhow::Result<()> {
        let producer = Producer::new(&self.client)?;
        for key in 0..count {
            let record = NewRecord::new(TOPIC, key.to_string(), "payload");
            producer.send(record).await?;
        }
        Ok(())
    }

    fn join(&self) -> anyhow::Result<Member> {
        let mut config = ConsumerConfig::new(self.client.clone(), GROUP, vec![TOPIC.to_owned()]);
        config.session_timeout = Duration::from_secs(6);
        config.heartbeat_interval = Duration::from_millis(200);
        let (consumer, events) = Consumer::start(config)?;
        Ok(Member { consumer, events })
    }

    /// The committed offset and metadata of a partition, as any tool would read them.
    fn committed(&self, partition: i32) -> anyhow::Result<(Offset, String)> {
        let client: BaseConsumer = self.client.consumer(&[("group.id", GROUP)]).create()?;
        let mut wanted = TopicPartitionList::new();
        wanted.add_partition(TOPIC, partition);
        let answer = client.committed_offsets(wanted, PATIENCE)?;
        let lines = answer.elements();
        let line = lines.first().context("no answer")?;
        Ok((line.offset(), line.metadata().to_owned()))
    }

    async fn until_committed(&self, partition: i32, offset: Offset) -> anyhow::Result<()> {
        eventually(PATIENCE, "the frontier is committed", async || {
            Ok((self.committed(partition)?.0 == offset).then_some(()))
        })
        .await
    }
}

/// A member of the group.
struct Member {
    consumer: Consumer,
    events: Receiver<Event>,
}

impl Member {
    async fn next(&mut self) -> anyhow::Result<Event> {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.context("no event came")?.context("the events ended")
    }

    async fn ready(&mut self, count: usize) -> anyhow::Result<Vec<Token>> {
        let mut tokens = Vec::new();
        while tokens.len() < count {
            match self.next().await? {
                Event::Ready { token, .. } => tokens.push(token),
                Event::Assigned { .. } | Event::Revoked { .. } => {}
                other => bail!("expected a ready record, got {other:?}"),
            }
        }
        Ok(tokens)
    }

    async fn held(&mut self) -> anyhow::Result<Token> {
        loop {
            match self.next().await? {
                Event::Held { token, .. } => return Ok(token),
                Event::Assigned { .. } | Event::Revoked { .. } => {}
                other => bail!("expected a held record, got {other:?}"),
            }
        }
    }

    async fn loses_a_partition(&mut self) -> anyhow::Result<i32> {
        loop {
            if let Event::Revoked { partition, .. } = self.next().await? {
                return Ok(partition.partition);
            }
        }
    }
}
