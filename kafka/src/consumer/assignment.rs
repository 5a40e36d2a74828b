//! All owned partitions together: credits, turns, commits, and the way out for events.
//!
//! Pure state, like [`Tracker`]; the lock around it is the one lock of the consumer. Every entry
//! point ends by handing out what has become possible, so an event never waits for the polling thread.

mod commits;
mod delivery;
mod taps;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use seeded::Bug;
use tokio::sync::mpsc;

use super::tracker::{Tracker, Wish};
use super::{ConsumerConfig, ConsumerStatus, Event, PartitionId, Token};
use crate::Record;
use commits::{InFlight, Leaving};

/// One line of a commit: partition, offset, metadata.
pub(super) type CommitLine = (PartitionId, i64, String);

/// The partitions of one consumer.
#[derive(Debug)]
pub(super) struct Assignment {
    topics: Vec<String>,
    window: usize,
    ready_ahead: usize,
    delay: Duration,
    buffer_records: usize,
    buffer_bytes: usize,
    commit_interval: Duration,
    trackers: BTreeMap<PartitionId, Tracker>,
    /// Last epoch given out.
    epoch: u64,
    /// Partition that had the last turn.
    turn: Option<PartitionId>,
    events: mpsc::Sender<Event>,
    /// Events that must not be lost, while the channel is full.
    outbox: VecDeque<Event>,
    /// Partitions being left, whose clean commit is not acknowledged.
    leaving: Option<Leaving>,
    in_flight: Option<InFlight>,
    committed_at: Option<Instant>,
    /// The last commit failed: the next one keeps the interval even if something waits for it.
    cautious: bool,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    commits: u64,
    commit_failures: u64,
    commit_latency: Option<Duration>,
    commit_time: Duration,
    hand_off: Option<Duration>,
    client_errors: u64,
    lost: u64,
    refetched: u64,
    end_offsets: BTreeMap<PartitionId, i64>,
}

impl Assignment {
    /// No partitions yet.
    pub(super) fn new(config: &ConsumerConfig, events: mpsc::Sender<Event>) -> Self {
        Self {
            topics: config.topics.clone(),
            window: config.window,
            ready_ahead: config.ready_ahead,
            delay: config.delay,
            buffer_records: config.buffer_records,
            buffer_bytes: config.buffer_bytes,
            commit_interval: config.commit_interval,
            trackers: BTreeMap::new(),
            epoch: 0,
            turn: None,
            events,
            outbox: VecDeque::new(),
            leaving: None,
            in_flight: None,
            committed_at: None,
            cautious: false,
            counters: Counters::default(),
        }
    }

    /// The short name of a partition of one of our topics.
    pub(super) fn partition_id(&self, topic: &str, partition: i32) -> Option<PartitionId> {
        let index = self.topics.iter().position(|name| name == topic)?;
        let topic = u16::try_from(index).ok()?;
        Some(PartitionId { topic, partition })
    }

    /// The topic of a partition.
    pub(super) fn topic(&self, id: PartitionId) -> &str {
        self.topics
            .get(usize::from(id.topic))
            .map_or("", String::as_str)
    }

    /// The partitions we own.
    pub(super) fn partitions(&self) -> Vec<PartitionId> {
        self.trackers.keys().copied().collect()
    }

    /// Takes a partition over, with what is committed for it. Returns where to fetch from; `None` is the beginning.
    pub(super) fn assign(
        &mut self,
        id: PartitionId,
        committed: Option<(i64, &str)>,
    ) -> Option<i64> {
        self.epoch += 1;
        let tracker = Tracker::new(id, self.epoch, self.window, committed);
        let start = tracker.start();
        self.trackers.insert(id, tracker);
        self.announce(Event::Assigned {
            partition: id,
            epoch: self.epoch,
        });
        start
    }

    /// Begins a revoke: nothing of these partitions starts any more.
    pub(super) fn close(&mut self, ids: &[PartitionId]) {
        for id in ids {
            if let Some(tracker) = self.trackers.get_mut(id) {
                tracker.close();
            }
        }
    }

    /// Forgets partitions. Whatever is late for them finds nothing.
    pub(super) fn revoke(&mut self, ids: &[PartitionId]) {
        self.leaving = None;
        for &id in ids {
            if let Some(tracker) = self.trackers.remove(&id) {
                self.counters.refetched += tracker.refetched();
                self.counters.end_offsets.remove(&id);
                self.announce(Event::Revoked {
                    partition: id,
                    epoch: tracker.epoch,
                });
            }
        }
    }

    /// Takes a record from the log.
    pub(super) fn receive(&mut self, id: PartitionId, record: Record) {
        if let Some(tracker) = self.trackers.get_mut(&id) {
            tracker.receive(record);
            self.deliver();
        }
    }

    /// See [`Consumer::try_start`](super::Consumer::try_start).
    pub(super) fn try_start(&mut self, token: Token, deadline_ms: i64) -> bool {
        let started = self
            .current(token)
            .is_some_and(|tracker| tracker.try_start(token.offset, deadline_ms));
        self.deliver();
        started
    }

    /// See [`Consumer::postpone`](super::Consumer::postpone).
    pub(super) fn postpone(&mut self, token: Token) {
        if let Some(tracker) = self.current(token) {
            tracker.postpone(token.offset);
        }
        self.deliver();
    }

    /// See [`Consumer::request_start`](super::Consumer::request_start).
    pub(super) fn request_start(&mut self, token: Token, wish: Wish) -> bool {
        self.current(token)
            .is_some_and(|tracker| tracker.request_start(token.offset, wish))
    }

    /// See [`Consumer::complete`](super::Consumer::complete).
    pub(super) fn complete(&mut self, token: Token) {
        match self.trackers.get_mut(&token.partition) {
            Some(tracker) if is_current(tracker, token) => tracker.complete(token.offset),
            Some(tracker) if tracker.epoch > token.epoch => tracker.complete_held(token.offset),
            _ => return,
        }
        self.deliver();
    }

    /// The client met an error that it recovers from by itself.
    pub(super) fn count_client_error(&mut self) {
        self.counters.client_errors += 1;
    }

    /// These partitions are another's already.
    pub(super) fn count_lost(&mut self, partitions: usize) {
        self.counters.lost += partitions as u64;
    }

    /// Partitions were handed off in order, in so long.
    pub(super) fn note_hand_off(&mut self, took: Duration) {
        self.counters.hand_off = Some(took);
    }

    /// Where a partition ends, from the client's statistics.
    pub(super) fn note_end(&mut self, id: PartitionId, end_offset: i64) {
        if self.trackers.contains_key(&id) && end_offset >= 0 {
            self.counters.end_offsets.insert(id, end_offset);
        }
    }

    /// A snapshot; the caller adds what it knows of the thread.
    pub(super) fn status(&self) -> ConsumerStatus {
        let partitions = self.trackers.values().map(|tracker| {
            let mut status = tracker.status();
            status.topic = self.topic(tracker.id).to_owned();
            status.end_offset = self.counters.end_offsets.get(&tracker.id).copied();
            status
        });
        let refetched: u64 = self.trackers.values().map(Tracker::refetched).sum();
        ConsumerStatus {
            commit_latency: self.counters.commit_latency,
            commit_time: self.counters.commit_time,
            hand_off: self.counters.hand_off,
            commits: self.counters.commits,
            commit_failures: self.counters.commit_failures,
            client_errors: self.counters.client_errors,
            lost: self.counters.lost,
            refetched: self.counters.refetched + refetched,
            partitions: partitions.collect(),
            ..ConsumerStatus::default()
        }
    }

    /// The tracker a token belongs to, if its assignment still stands.
    fn current(&mut self, token: Token) -> Option<&mut Tracker> {
        let tracker = self.trackers.get_mut(&token.partition)?;
        is_current(tracker, token).then_some(tracker)
    }

    fn sum(&self, of: fn(&Tracker) -> usize) -> usize {
        self.trackers.values().map(of).sum()
    }
}

/// Whether the token is of the partition's present assignment.
fn is_current(tracker: &Tracker, token: Token) -> bool {
    tracker.epoch == token.epoch || seeded::bug(Bug::SkipEpoch)
}
