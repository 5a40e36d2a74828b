//! Following whole topics without a group: everyone sees everything, nobody commits.
//!
//! One thread and one client for each topic, because rust-rdkafka reports the end of a partition
//! without saying of which topic. Start positions are resolved to plain offsets before
//! [`Tail::open`] returns, so a record written after that is always seen, also from
//! [`Start::End`]. A [`Mark`] asks for the present end: it comes back in the stream after every
//! record that was on the topics when it was set, across gaps that compaction left.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc as blocking;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::{mpsc, oneshot};

use crate::client::LogContext;
use crate::{ClientConfig, Record};

const POLL: Duration = Duration::from_millis(20);
/// Records read ahead of the reader; then the thread waits for it.
const READ_AHEAD: usize = 256;

/// Where to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the oldest record there is.
    Beginning,
    /// After the newest record there is.
    End,
    /// At the first record of this time (ms since the epoch) or later. The embedded broker keeps no
    /// index of times: there it is the end.
    Timestamp(i64),
}

/// Why a tail cannot be opened or ended.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The cluster does not know the topic.
    #[error("topic `{topic}` does not exist: create it with `tribunal topics apply`")]
    TopicMissing {
        /// Its name.
        topic: String,
    },
    /// Nothing answered, or not as hoped.
    #[error("failed to read topic `{topic}`: check --bootstrap-servers and that the cluster runs")]
    Kafka {
        /// The topic.
        topic: String,
        /// What librdkafka says.
        #[source]
        source: KafkaError,
    },
    /// Its thread is gone.
    #[error("the tail has ended")]
    Ended,
}

/// Asked for with [`Tail::mark`] or [`Marker::mark`]; comes back as [`Tailed::Mark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(u64);

/// What comes out of a tail.
#[derive(Debug)]
pub enum Tailed {
    /// The next record of some partition; in order within each partition.
    Record(Record),
    /// Every record that was there when this mark was set has been given out.
    Mark(Mark),
}

/// Reads all partitions of some topics; partitions added later are seen when it is opened anew.
pub struct Tail {
    events: mpsc::Receiver<Followed>,
    marker: Marker,
    /// For each mark, the topics that have not reached it yet.
    awaited: BTreeMap<Mark, usize>,
}

/// Sets marks on a [`Tail`] from elsewhere; cheap to clone.
#[derive(Clone, Debug)]
pub struct Marker {
    next: Arc<AtomicU64>,
    followers: Vec<blocking::Sender<Mark>>,
}

impl Marker {
    /// Asks for the present end of every topic.
    pub fn mark(&self) -> Mark {
        let mark = Mark(self.next.fetch_add(1, Ordering::Relaxed));
        for follower in &self.followers {
            // A follower that is gone also ends the stream, which its reader sees.
            let _ = follower.send(mark);
        }
        mark
    }
}

impl Tail {
    /// Opens the topics. When this returns, the start of every partition is a known offset.
    pub async fn open(
        config: &ClientConfig,
        topics: &[&str],
        start: Start,
    ) -> Result<Self, TailError> {
        let (sender, events) = mpsc::channel(READ_AHEAD);
        let mut opened = Vec::new();
        let mut followers = Vec::new();
        for topic in topics {
            let (answer, positioned) = oneshot::channel();
            let (marks, set_marks) = blocking::channel();
            let (config, topic, sender) = (config.clone(), (*topic).to_owned(), sender.clone());
            let open = move || match Follower::open(&config, topic, start, sender) {
                Ok(follower) => {
                    let _ = answer.send(Ok(()));
                    follower.run(&set_marks);
                }
                Err(error) => drop(answer.send(Err(error))),
            };
            std::thread::Builder::new()
                .name("tail".to_owned())
                .spawn(open)
                .map_err(|_| TailError::Ended)?;
            opened.push(positioned);
            followers.push(marks);
        }
        for positioned in opened {
            positioned.await.map_err(|_| TailError::Ended)??;
        }
        let next = Arc::new(AtomicU64::new(0));
        Ok(Self {
            events,
            marker: Marker { next, followers },
            awaited: BTreeMap::new(),
        })
    }

    /// Sets marks from elsewhere while this is being read.
    pub fn marker(&self) -> Marker {
        self.marker.clone()
    }

    /// Asks for the present end of every topic.
    pub fn mark(&self) -> Mark {
        self.marker.mark()
    }

    /// The next record or reached mark. Cancel safe.
    pub async fn next(&mut self) -> Result<Tailed, TailError> {
        loop {
            match self.events.recv().await.ok_or(TailError::Ended)? {
                Followed::Record(record) => return Ok(Tailed::Record(record)),
                Followed::Mark(mark) => {
                    let topics = self.marker.followers.len();
                    let awaited = self.awaited.entry(mark).or_insert(topics);
                    *awaited -= 1;
                    if *awaited == 0 {
                        self.awaited.remove(&mark);
                        return Ok(Tailed::Mark(mark));
                    }
                }
            }
        }
    }

    /// The next record, whatever marks are reached on the way. Cancel safe.
    pub async fn next_record(&mut self) -> Result<Record, TailError> {
        loop {
            if let Tailed::Record(record) = self.next().await? {
                return Ok(record);
            }
        }
    }

    /// Every record up to the end as it is now.
    pub async fn read_to_present_end(&mut self) -> Result<Vec<Record>, TailError> {
        let end = self.mark();
        let mut records = Vec::new();
        loop {
            match self.next().await? {
                Tailed::Record(record) => records.push(record),
                Tailed::Mark(mark) if mark == end => return Ok(records),
                Tailed::Mark(_) => {}
            }
        }
    }
}

enum Followed {
    Record(Record),
    Mark(Mark),
}

/// How far one partition was read.
#[derive(Clone, Copy)]
struct Position {
    next: i64,
    /// The broker said there is nothing beyond, and no record has come since.
    at_end: bool,
}

/// Follows one topic on its own thread.
struct Follower {
    topic: String,
    consumer: BaseConsumer<LogContext>,
    positions: BTreeMap<i32, Position>,
    /// Marks set, each with the end of every partition at that time.
    marks: Vec<(Mark, BTreeMap<i32, i64>)>,
    /// Marks whose ends the cluster has not told yet.
    asked: Vec<Mark>,
    events: mpsc::Sender<Followed>,
    request_timeout: Duration,
}

impl Follower {
    fn open(
        config: &ClientConfig,
        topic: String,
        start: Start,
        events: mpsc::Sender<Followed>,
    ) -> Result<Self, TailError> {
        let settings = [
            // librdkafka wants a group for any assignment; nothing is ever joined or committed.
            ("group.id", "tail"),
            ("enable.partition.eof", "true"),
            // What retention takes while we read is gone: go on with what is there.
            ("auto.offset.reset", "earliest"),
        ];
        let failed = |source| TailError::Kafka {
            topic: topic.clone(),
            source,
        };
        let consumer: BaseConsumer<LogContext> = config
            .consumer(&settings)
            .create_with_context(LogContext)
            .map_err(failed)?;
        let timeout = config.request_timeout();
        let partitions = partitions(&consumer, &topic, timeout)?;
        let starts = resolve_patiently(&consumer, &topic, &partitions, start, timeout);
        let starts = starts.map_err(failed)?;
        let position = |(partition, next)| {
            (
                partition,
                Position {
                    next,
                    at_end: false,
                },
            )
        };
        let follower = Self {
            positions: starts.into_iter().map(position).collect(),
            consumer,
            topic,
            marks: Vec::new(),
            asked: Vec::new(),
            events,
            request_timeout: timeout,
        };
        match follower.assign() {
            Ok(()) => Ok(follower),
            Err(source) => Err(TailError::Kafka {
                topic: follower.topic,
                source,
            }),
        }
    }

    fn run(mut self, set_marks: &blocking::Receiver<Mark>) {
        while !self.events.is_closed() {
            self.asked.extend(set_marks.try_iter());
            self.find_ends();
            let followed = self.poll();
            if followed.is_some_and(|record| self.events.blocking_send(record).is_err()) {
                return;
            }
            self.report_reached();
        }
    }

    fn poll(&mut self) -> Option<Followed> {
        match self.consumer.poll(POLL)? {
            Ok(message) => {
                let record = Record::copy_of(&message);
                let position = Position {
                    next: record.offset + 1,
                    at_end: false,
                };
                self.positions.insert(record.partition, position);
                Some(Followed::Record(record))
            }
            Err(KafkaError::PartitionEOF(partition)) => {
                if let Some(position) = self.positions.get_mut(&partition) {
                    position.at_end = true;
                }
                None
            }
            Err(error) => {
                tracing::warn!(topic = %self.topic, %error, "tail: reading goes on");
                None
            }
        }
    }

    /// Turns marks asked for into ends to reach. Where records are missing up to an end (they are
    /// under way, or compaction removed them), the partitions are assigned anew, so that the broker
    /// reports each end again.
    fn find_ends(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let partitions: Vec<i32> = self.positions.keys().copied().collect();
        let ends = match resolve(
            &self.consumer,
            &self.topic,
            &partitions,
            Start::End,
            self.request_timeout,
        ) {
            Ok(ends) => ends,
            Err(error) => {
                tracing::warn!(topic = %self.topic, %error, "tail: cannot learn the present end yet");
                return;
            }
        };
        let mut positions = self.positions.iter();
        if positions.any(|(partition, at)| ends.get(partition).is_some_and(|end| at.next < *end)) {
            for position in self.positions.values_mut() {
                position.at_end = false;
            }
            if let Err(error) = self.assign() {
                tracing::warn!(topic = %self.topic, %error, "tail: cannot assign anew yet");
                return;
            }
        }
        let asked = std::mem::take(&mut self.asked);
        self.marks
            .extend(asked.into_iter().map(|mark| (mark, ends.clone())));
    }

    fn report_reached(&mut self) {
        let positions = &self.positions;
        let reached = |ends: &BTreeMap<i32, i64>| {
            positions.iter().all(|(partition, at)| {
                at.at_end || ends.get(partition).is_none_or(|end| at.next >= *end)
            })
        };
        self.marks.retain(|(mark, ends)| {
            let reached = reached(ends);
            if reached {
                let _ = self.events.blocking_send(Followed::Mark(*mark));
            }
            !reached
        });
    }

    fn assign(&self) -> Result<(), KafkaError> {
        let mut list = TopicPartitionList::new();
        for (partition, at) in &self.positions {
            list.add_partition_offset(&self.topic, *partition, Offset::Offset(at.next))?;
        }
        self.consumer.assign(&list)
    }
}

fn partitions(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    timeout: Duration,
) -> Result<Vec<i32>, TailError> {
    let metadata = consumer
        .fetch_metadata(Some(topic), timeout)
        .map_err(|source| TailError::Kafka {
            topic: topic.to_owned(),
            source,
        })?;
    let mut topics = metadata.topics().iter();
    let known = topics.find(|known| known.name() == topic && known.error().is_none());
    match known.map(|known| known.partitions()) {
        None | Some([]) => Err(TailError::TopicMissing {
            topic: topic.to_owned(),
        }),
        Some(partitions) => Ok(partitions.iter().map(|partition| partition.id()).collect()),
    }
}

/// A partition that was just created, or is moving, has no leader for a moment.
fn resolve_patiently(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    partitions: &[i32],
    start: Start,
    timeout: Duration,
) -> Result<BTreeMap<i32, i64>, KafkaError> {
    let deadline = Instant::now() + timeout;
    loop {
        match resolve(consumer, topic, partitions, start, timeout) {
            Err(error) if Instant::now() < deadline => {
                tracing::debug!(topic, %error, "tail: cannot learn the start yet");
                std::thread::sleep(POLL);
            }
            answer => return answer,
        }
    }
}

/// Turns a start into one offset for each partition, in one request. A list offsets request takes
/// the two logical offsets in place of a time stamp.
fn resolve(
    consumer: &BaseConsumer<LogContext>,
    topic: &str,
    partitions: &[i32],
    start: Start,
    timeout: Duration,
) -> Result<BTreeMap<i32, i64>, KafkaError> {
    let asked = match start {
        Start::Beginning => Offset::Beginning,
        Start::End => Offset::End,
        Start::Timestamp(at_ms) => Offset::Offset(at_ms),
    };
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition_offset(topic, *partition, asked)?;
    }
    let answered = consumer.offsets_for_times(list, timeout)?;
    let mut offsets = BTreeMap::new();
    let mut beyond_newest = Vec::new();
    for element in answered.elements() {
        element.error()?;
        match element.offset() {
            Offset::Offset(offset) => drop(offsets.insert(element.partition(), offset)),
            _ => beyond_newest.push(element.partition()),
        }
    }
    if !beyond_newest.is_empty() {
        if start == Start::End {
            return Err(KafkaError::OffsetFetch(
                rdkafka::error::RDKafkaErrorCode::NoOffset,
            ));
        }
        offsets.extend(resolve(
            consumer,
            topic,
            &beyond_newest,
            Start::End,
            timeout,
        )?);
    }
    Ok(offsets)
}
