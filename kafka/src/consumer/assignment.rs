//! All owned partitions together: credits, turns, commits, and the way out for events.
//!
//! Pure state, like [`Tracker`]; the lock around it is the one lock of the consumer. Every entry
//! point ends by handing out what has become possible, so an event never waits for the polling thread.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::tracker::{Mode, Snapshot, Tracker, Urgency, Wish};
use super::{ConsumerConfig, ConsumerStatus, Event, PartitionId, Token};
use crate::Record;

/// Suspects handed out at a time, at least; a few are enough, as each start waits for a commit.
const SUSPECTS_OUT: usize = 16;

/// How often a clean commit is tried.
const CLEAN_TRIES: u32 = 3;

/// One line of a commit: partition, offset, metadata.
pub(super) type CommitLine = (PartitionId, i64, String);

/// The partitions of one consumer.
#[derive(Debug)]
pub(super) struct Assignment {
    topics: Vec<String>,
    window: usize,
    ready_ahead: usize,
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

/// Partitions on their way out.
#[derive(Debug)]
struct Leaving {
    ids: Vec<PartitionId>,
    /// Clean commits that failed.
    failures: u32,
}

/// The one outstanding commit.
#[derive(Debug)]
struct InFlight {
    mode: Mode,
    sent_at: Instant,
    snapshots: BTreeMap<PartitionId, Snapshot>,
}

#[derive(Debug, Default)]
struct Counters {
    commits: u64,
    commit_failures: u64,
    commit_latency: Option<Duration>,
    client_errors: u64,
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

    /// See [`Consumer::request_start`](super::Consumer::request_start).
    pub(super) fn request_start(&mut self, token: Token, wish: Wish) {
        if let Some(tracker) = self.current(token) {
            tracker.request_start(token.offset, wish);
        }
    }

    /// See [`Consumer::complete`](super::Consumer::complete).
    pub(super) fn complete(&mut self, token: Token) {
        match self.trackers.get_mut(&token.partition) {
            Some(tracker) if tracker.epoch == token.epoch => tracker.complete(token.offset),
            Some(tracker) if tracker.epoch > token.epoch => tracker.complete_held(token.offset),
            _ => return,
        }
        self.deliver();
    }

    /// Something for our user that must not be lost.
    pub(super) fn announce(&mut self, event: Event) {
        self.outbox.push_back(event);
        self.deliver();
    }

    /// Hands out all that credits and the channel allow.
    pub(super) fn deliver(&mut self) {
        let events = self.events.clone();
        let mut ready = self.ready_ahead.saturating_sub(self.sum(Tracker::ready));
        let mut suspects = self
            .suspect_limit()
            .saturating_sub(self.sum(Tracker::suspects_out));
        while let Ok(permit) = events.try_reserve() {
            let Some(event) = self.next_event(&mut ready, &mut suspects) else {
                return;
            };
            permit.send(event);
        }
    }

    /// Leaves partitions in order: they are closed, and the next commit is their last, with the clean mark.
    pub(super) fn leave(&mut self, ids: Vec<PartitionId>) {
        self.close(&ids);
        self.leaving = Some(Leaving { ids, failures: 0 });
    }

    /// Whether no commit is outstanding, and the partitions being left have their clean one or will never get it.
    pub(super) fn is_settled(&self) -> bool {
        self.in_flight.is_none() && self.leaving.is_none()
    }

    /// What to commit now, if anything: one commit for all partitions that have something to say.
    pub(super) fn due_commit(&mut self, now: Instant) -> Option<Vec<CommitLine>> {
        if self.in_flight.is_some() {
            return None;
        }
        if let Some(leaving) = &self.leaving {
            let ids = leaving.ids.clone();
            let lines = self.build_commit(now, &ids, Mode::Clean);
            if lines.is_none() {
                self.leaving = None;
            }
            return lines;
        }
        if !self.is_due(now) {
            return None;
        }
        let wanting = self
            .trackers
            .values()
            .filter(|tracker| self.urgency(tracker) > Urgency::None);
        let ids: Vec<PartitionId> = wanting.map(|tracker| tracker.id).collect();
        self.build_commit(now, &ids, Mode::Going)
    }

    /// Whether [`due_commit`](Self::due_commit) would give a commit of partitions we keep.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        let rested = self
            .committed_at
            .is_none_or(|at| now.duration_since(at) >= self.commit_interval);
        match self
            .trackers
            .values()
            .map(|tracker| self.urgency(tracker))
            .max()
        {
            Some(Urgency::Now) => rested || !self.cautious,
            Some(Urgency::Soon) => rested,
            Some(Urgency::None) | None => false,
        }
    }

    /// The outstanding commit came back: the log holds all of it, or it may hold any part of it.
    pub(super) fn commit_returned(&mut self, now: Instant, stored: bool) {
        let Some(in_flight) = self.in_flight.take() else {
            return;
        };
        for (id, snapshot) in &in_flight.snapshots {
            let Some(tracker) = self.trackers.get_mut(id) else {
                continue;
            };
            if stored {
                let granted = tracker.acknowledged(snapshot);
                self.outbox
                    .extend(granted.into_iter().map(|token| Event::Granted { token }));
            } else {
                tracker.not_acknowledged(snapshot);
            }
        }
        self.cautious = !stored;
        if stored {
            self.counters.commits += 1;
            self.counters.commit_latency = Some(now.duration_since(in_flight.sent_at));
        } else {
            self.counters.commit_failures += 1;
        }
        if in_flight.mode == Mode::Clean {
            self.clean_returned(stored);
        }
        self.deliver();
    }

    /// Which partitions to pause and which to resume, derived anew from what is kept and what is full.
    ///
    /// A pause throws away what the client has prefetched, so there is a wide gap between the two edges.
    pub(super) fn turn_taps(&mut self) -> (Vec<PartitionId>, Vec<PartitionId>) {
        let share = self.trackers.len().max(1);
        let records = (self.buffer_records / share).max(2);
        let bytes = (self.buffer_bytes / share).max(2);
        let (mut pause, mut resume) = (Vec::new(), Vec::new());
        for tracker in self.trackers.values_mut() {
            let over = |part: usize| {
                tracker.kept() >= records / part || tracker.kept_bytes() >= bytes / part
            };
            let wanted = tracker.is_full() || over(if tracker.paused { 2 } else { 1 });
            if wanted != tracker.paused {
                tracker.paused = wanted;
                let list = if wanted { &mut pause } else { &mut resume };
                list.push(tracker.id);
            }
        }
        (pause, resume)
    }

    /// Which of these partitions are paused.
    pub(super) fn paused_of(&self, ids: &[PartitionId]) -> Vec<PartitionId> {
        let paused = |id: &PartitionId| self.trackers.get(id).is_some_and(|tracker| tracker.paused);
        ids.iter().copied().filter(paused).collect()
    }

    /// The client met an error that it recovers from by itself.
    pub(super) fn count_client_error(&mut self) {
        self.counters.client_errors += 1;
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
            commits: self.counters.commits,
            commit_failures: self.counters.commit_failures,
            client_errors: self.counters.client_errors,
            refetched: self.counters.refetched + refetched,
            partitions: partitions.collect(),
            ..ConsumerStatus::default()
        }
    }

    fn clean_returned(&mut self, stored: bool) {
        if let Some(leaving) = &mut self.leaving {
            leaving.failures += u32::from(!stored);
            if stored || leaving.failures == CLEAN_TRIES {
                self.leaving = None;
            }
        }
    }

    fn urgency(&self, tracker: &Tracker) -> Urgency {
        let credit = self.sum(Tracker::ready) < self.ready_ahead;
        tracker.urgency(self.ready_ahead, credit)
    }

    /// The tracker a token belongs to, if its assignment still stands.
    fn current(&mut self, token: Token) -> Option<&mut Tracker> {
        let tracker = self.trackers.get_mut(&token.partition)?;
        (tracker.epoch == token.epoch).then_some(tracker)
    }

    fn sum(&self, of: fn(&Tracker) -> usize) -> usize {
        self.trackers.values().map(of).sum()
    }

    fn suspect_limit(&self) -> usize {
        self.ready_ahead.max(SUSPECTS_OUT)
    }

    fn next_event(&mut self, ready: &mut usize, suspects: &mut usize) -> Option<Event> {
        if let Some(event) = self.outbox.pop_front() {
            return Some(event);
        }
        let mut trackers = self.trackers.values_mut();
        if let Some(event) = trackers.find_map(Tracker::take_attention) {
            return Some(event);
        }
        if *suspects > 0
            && let Some(event) = self.trackers.values_mut().find_map(Tracker::take_suspect)
        {
            *suspects -= 1;
            return Some(event);
        }
        if *ready == 0 {
            return None;
        }
        *ready -= 1;
        let id = self.next_turn()?;
        self.turn = Some(id);
        self.trackers.get_mut(&id)?.take_ready()
    }

    /// The next partition after the last one that has a record ready: all get their turn.
    fn next_turn(&self) -> Option<PartitionId> {
        let has_ready = |tracker: &&Tracker| tracker.has_ready();
        let from_first = || self.trackers.values().find(has_ready);
        let next = match self.turn {
            None => from_first(),
            Some(last) => {
                let mut after = self
                    .trackers
                    .range((Excluded(last), Unbounded))
                    .map(|(_, tracker)| tracker);
                after.find(has_ready).or_else(from_first)
            }
        };
        next.map(|tracker| tracker.id)
    }

    fn build_commit(
        &mut self,
        now: Instant,
        ids: &[PartitionId],
        mode: Mode,
    ) -> Option<Vec<CommitLine>> {
        let mut snapshots = BTreeMap::new();
        for id in ids {
            if let Some(tracker) = self.trackers.get_mut(id)
                && let Some(snapshot) = tracker.snapshot(mode, self.ready_ahead)
            {
                snapshots.insert(*id, snapshot);
            }
        }
        if snapshots.is_empty() {
            return None;
        }
        let line = |(id, snapshot): (&PartitionId, &Snapshot)| {
            (*id, snapshot.frontier, snapshot.metadata.clone())
        };
        let lines = snapshots.iter().map(line).collect();
        self.in_flight = Some(InFlight {
            mode,
            sent_at: now,
            snapshots,
        });
        self.committed_at = Some(now);
        Some(lines)
    }
}
