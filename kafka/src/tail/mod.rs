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
use std::time::Duration;

use rdkafka::error::KafkaError;
use tokio::sync::{mpsc, oneshot};

use crate::{ClientConfig, Record};
use follower::{Followed, Follower};

mod follower;
mod positions;

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
