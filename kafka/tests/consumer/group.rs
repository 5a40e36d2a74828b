//! A broker with one topic, members of one group, and a look at what is committed.

use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use kafka::embedded::Broker;
use kafka::{
    ClientConfig, Consumer, ConsumerConfig, Event, GroupProtocol, NewRecord, Producer, Record,
    Token,
};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::topic_partition_list::Offset;
use tokio::sync::mpsc;
use tokio::time::timeout;

pub(crate) const TOPIC: &str = "submissions";
/// No test waits this long unless something is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Cluster {
    broker: Broker,
    pub(crate) client: ClientConfig,
    group_id: String,
    protocol: GroupProtocol,
}

impl Cluster {
    /// A broker in memory with one topic.
    pub(crate) fn start(partitions: i32) -> anyhow::Result<Self> {
        let broker = Broker::with_topics(&[(TOPIC, partitions)])?;
        let client = ClientConfig::new(broker.bootstrap_servers(), "consumer-test");
        Ok(Self {
            broker,
            client,
            group_id: "evaluators".to_owned(),
            protocol: GroupProtocol::default(),
        })
    }

    pub(crate) fn with_protocol(self, protocol: GroupProtocol) -> Self {
        Self { protocol, ..self }
    }

    pub(crate) fn set_reachable(&self, reachable: bool) -> anyhow::Result<()> {
        Ok(self.broker.set_reachable(reachable)?)
    }

    /// Writes records one after the other, all with the same key.
    pub(crate) async fn write(&self, count: usize) -> anyhow::Result<()> {
        self.write_keyed((0..count).map(|_| "key".to_owned())).await
    }

    pub(crate) async fn write_keyed(
        &self,
        keys: impl Iterator<Item = String>,
    ) -> anyhow::Result<()> {
        let producer = Producer::new(&self.client)?;
        let sent: Vec<_> = keys
            .map(|key| producer.send(NewRecord::new(TOPIC, key, "payload")))
            .collect();
        for delivery in sent {
            delivery.await?;
        }
        Ok(())
    }

    pub(crate) fn join(&self) -> anyhow::Result<Member> {
        self.join_with(|_| {})
    }

    pub(crate) fn join_with(
        &self,
        change: impl FnOnce(&mut ConsumerConfig),
    ) -> anyhow::Result<Member> {
        let topics = vec![TOPIC.to_owned()];
        let mut config = ConsumerConfig::new(self.client.clone(), self.group_id.clone(), topics);
        config.client.group_protocol = self.protocol;
        // The in-memory broker makes every rebalance last the session time-out less a second.
        config.session_timeout = Duration::from_millis(2_000);
        config.heartbeat_interval = Duration::from_millis(100);
        change(&mut config);
        let (consumer, events) = Consumer::start(config)?;
        Ok(Member { consumer, events })
    }

    /// The committed offset and metadata of a partition, as any tool would read them.
    pub(crate) fn committed(&self, partition: i32) -> anyhow::Result<(Offset, String)> {
        let client = self.outsider()?;
        let mut list = TopicPartitionList::new();
        list.add_partition(TOPIC, partition);
        let list = client.committed_offsets(list, PATIENCE)?;
        let lines = list.elements();
        let line = lines.first().context("no answer")?;
        Ok((line.offset(), line.metadata().to_owned()))
    }

    /// Sets the committed offset as an operator would.
    pub(crate) fn reset(&self, offset: i64) -> anyhow::Result<()> {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(TOPIC, 0, Offset::Offset(offset))?;
        Ok(self.outsider()?.commit(&list, CommitMode::Sync)?)
    }

    fn outsider(&self) -> anyhow::Result<BaseConsumer> {
        Ok(self
            .client
            .consumer(&[("group.id", &self.group_id)])
            .create()?)
    }
}

pub(crate) struct Member {
    pub(crate) consumer: Consumer,
    pub(crate) events: mpsc::Receiver<Event>,
}

impl Member {
    /// The next event about a record, or a fatal one.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Event> {
        loop {
            match self.next_of_all().await? {
                Event::Assigned { .. } | Event::Revoked { .. } => {}
                event => return Ok(event),
            }
        }
    }

    pub(crate) async fn next_of_all(&mut self) -> anyhow::Result<Event> {
        let event = timeout(PATIENCE, self.events.recv()).await;
        event
            .with_context(|| format!("no event came: {:?}", self.consumer.status()))?
            .context("the events ended")
    }

    /// The next `count` records, all of them ready.
    pub(crate) async fn ready(&mut self, count: usize) -> anyhow::Result<Vec<(Token, Record)>> {
        let mut ready = Vec::new();
        while ready.len() < count {
            match self.next().await? {
                Event::Ready { token, record } => ready.push((token, record)),
                other => bail!("expected a ready record, got {other:?}"),
            }
        }
        Ok(ready)
    }

    /// Whether the broker threw the member out. The in-memory one does it to whoever needs more than a second
    /// for a step of a rebalance, which a busy machine may need.
    pub(crate) fn thrown_out(&self) -> bool {
        self.consumer.status().lost > 0
    }

    /// Whether a commit was refused. The in-memory broker does it all through a rebalance, Apache Kafka does not.
    pub(crate) fn commit_refused(&self) -> bool {
        self.consumer.status().commit_failures > 0
    }

    pub(crate) fn start(&self, token: Token) -> bool {
        self.consumer.try_start(token, deadline())
    }

    /// Waits until a commit that was sent from now on is acknowledged, and `seen` holds.
    pub(crate) async fn until(
        &self,
        what: &str,
        seen: impl Fn() -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let give_up = tokio::time::Instant::now() + PATIENCE;
        while !seen()? {
            if tokio::time::Instant::now() > give_up {
                bail!("{what} did not happen: {:?}", self.consumer.status());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// A deadline with whole milliseconds, as it comes back.
pub(crate) fn deadline() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_123)
}
