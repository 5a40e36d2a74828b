//! A group reader whose offsets live elsewhere.
//!
//! **Theory.** One OS thread owns the `BaseConsumer`, polls it and does nothing that can take long.
//! When partitions are assigned, the rebalance callback (which runs on that thread, inside `poll`) asks the
//! [`OffsetSource`] for their next offsets over a channel, waits a bounded time for the reply, checks
//! the answer against the log's own bounds and assigns *with* the offsets: a seek afterwards would race
//! the fetcher. An offset that is gone from the log is never replaced by another; it ends the reader.
//!
//! Events go out over a bounded channel. While it is full the thread first waits, then pauses its
//! partitions and polls on, so that a slow reader stays in its group however slow it is.
//!
//! On a revoke nothing is awaited: records already handed out may still be recorded by their reader. That is
//! harmless, because it moves its offset by compare-and-set, and the next owner's stale expectation then
//! fails and is read again. What is committed to Kafka is advisory, for lag tools.

mod accumulate;
mod assign;
mod outbox;
mod polling;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;
use tokio::sync::mpsc;

use crate::{ClientConfig, Record};

/// One partition of one topic, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
}

impl TopicPartition {
    /// Names a partition.
    pub fn new(topic: impl Into<String>, partition: i32) -> Self {
        Self {
            topic: topic.into(),
            partition,
        }
    }

    /// The partition a record was read from.
    pub fn of(record: &Record) -> Self {
        Self::new(record.topic.clone(), record.partition)
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.topic, self.partition)
    }
}

/// Any error of an [`OffsetSource`].
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Who knows where a group goes on reading.
pub trait OffsetSource: Send + 'static {
    /// The next offsets of these partitions. One that is missing from the answer is read from the
    /// beginning.
    fn next_offsets(
        &self,
        partitions: &[TopicPartition],
    ) -> impl Future<Output = Result<HashMap<TopicPartition, i64>, SourceError>> + Send;
}

/// How a [`LogReader`] reads.
#[derive(Clone, Debug)]
pub struct ReaderConfig {
    /// The cluster.
    pub client: ClientConfig,
    /// The group to be a member of.
    pub group_id: String,
    /// The topics to read.
    pub topics: Vec<String>,
    /// A batch is handed out at this many records…
    pub batch_records: usize,
    /// …or this many bytes of keys and payloads…
    pub batch_bytes: usize,
    /// …or this long after its first record.
    pub linger: Duration,
    /// Batches handed out ahead of the caller.
    pub batches_ahead: usize,
    /// How long an assignment waits for the offset source.
    pub offsets_timeout: Duration,
}

impl ReaderConfig {
    /// A reader of these topics with the defaults of a database writer.
    pub fn new(
        client: ClientConfig,
        group_id: impl Into<String>,
        topics: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            client,
            group_id: group_id.into(),
            topics: topics.into_iter().map(Into::into).collect(),
            batch_records: 500,
            batch_bytes: 4 << 20,
            linger: Duration::from_millis(10),
            batches_ahead: 2,
            offsets_timeout: Duration::from_secs(15),
        }
    }
}

/// Records in the order of each of their partitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The records; never empty in an event.
    pub records: Vec<Record>,
}

impl Batch {
    /// Where each partition goes on once this batch is recorded.
    pub fn next_offsets(&self) -> BTreeMap<TopicPartition, i64> {
        let ends = self
            .records
            .iter()
            .map(|record| (TopicPartition::of(record), record.offset + 1));
        ends.collect()
    }
}

/// Everything a reader can say.
#[derive(Debug)]
pub enum ReaderEvent {
    /// These partitions are ours and are read from these offsets; none = from the beginning.
    Assigned(BTreeMap<TopicPartition, Option<i64>>),
    /// Records.
    Batch(Batch),
    /// These partitions are no longer ours; no later batch holds a record of them.
    Revoked(Vec<TopicPartition>),
    /// The reader has ended and left its group.
    Fatal(ReaderError),
}

/// Why a reader could not start or ended.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    /// The client could not be made or subscribed: its settings are wrong.
    #[error("failed to start reading as group {group_id}")]
    Start {
        /// The group.
        group_id: String,
        /// What librdkafka said.
        #[source]
        source: KafkaError,
    },
    /// Where to go on is unknown; start another reader later.
    #[error("next offsets are not to be had: {reason}")]
    OffsetsUnavailable {
        /// What stood in the way.
        reason: String,
    },
    /// Records that were never read have been deleted. Somebody must decide.
    #[error(
        "{partition}: the next offset to read is {next_offset}, but the log starts at \
         {log_start}: {} records expired unread; raise the topic's retention, and set the group's next \
         offset to {log_start} to accept the loss", log_start - next_offset
    )]
    RetentionBreach {
        /// The partition.
        partition: TopicPartition,
        /// Where the group would go on.
        next_offset: i64,
        /// The first offset that still exists.
        log_start: i64,
    },
    /// The log is shorter than what was read of it: the topic is another one of the same name.
    #[error(
        "{partition}: the next offset to read is {next_offset}, but the log ends at {log_end}: the topic \
         was deleted and made anew, or the broker lost data"
    )]
    BeyondLogEnd {
        /// The partition.
        partition: TopicPartition,
        /// Where the group would go on.
        next_offset: i64,
        /// The log's end.
        log_end: i64,
    },
    /// The position was deleted under a running reader.
    #[error("{reason}: records expired unread, or the topic was made anew")]
    PositionLost {
        /// What librdkafka said.
        reason: String,
    },
    /// librdkafka gave up on this client.
    #[error("the kafka client failed for good: {0}")]
    Client(String),
}

impl ReaderError {
    /// Whether another reader, started later, may well succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::OffsetsUnavailable { .. } | Self::Client(_))
    }
}

/// A running reader. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct LogReader {
    events: mpsc::Receiver<ReaderEvent>,
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What the handle and the polling thread both touch.
#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    /// Offsets to commit; only the newest of a partition matters, so it is bounded by itself.
    advisory: Mutex<BTreeMap<TopicPartition, i64>>,
    last_poll: Mutex<Instant>,
}

impl LogReader {
    /// Joins the group and begins to read. Must be called inside a tokio runtime, which drives
    /// `source`.
    pub fn start(config: ReaderConfig, source: impl OffsetSource) -> Result<Self, ReaderError> {
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            advisory: Mutex::default(),
            last_poll: Mutex::new(Instant::now()),
        });
        let (sender, events) = mpsc::channel(config.batches_ahead.max(1));
        let thread = polling::spawn(config, source, sender, Arc::clone(&shared))?;
        Ok(Self {
            events,
            shared,
            thread: Some(thread),
        })
    }

    /// The next event; none after [`ReaderEvent::Fatal`].
    pub async fn next(&mut self) -> Option<ReaderEvent> {
        self.events.recv().await
    }

    /// Tells Kafka how far the group is. Nobody reads from there; it is for lag tools.
    pub fn commit_advisory(&self, offsets: BTreeMap<TopicPartition, i64>) {
        let mut advisory = self
            .shared
            .advisory
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        advisory.extend(offsets);
    }

    /// How long ago the polling thread last polled: its heartbeat.
    pub fn poll_age(&self) -> Duration {
        self.shared
            .last_poll
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }

    /// Commits what is known, leaves the group and ends the thread. Takes seconds at most, also while the
    /// cluster is away.
    pub async fn stop(mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.events.close();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the panic hook already.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Drop for LogReader {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
    }
}
