//! A consumer's core without its client, threads and clock: for models of whoever uses it.
//!
//! Its user plays the cluster: says what is assigned, what arrives, and what becomes of each commit.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::assignment::{Assignment, CommitLine};
use super::tracker::Wish;
use super::{ConsumerConfig, Event, PartitionId, Token};
use crate::Record;

/// See [`Consumer`](super::Consumer) for what its calls mean.
#[derive(Debug)]
pub struct ByHand {
    core: Assignment,
    events: mpsc::Receiver<Event>,
    now: Instant,
}

impl ByHand {
    /// Owns no partition yet.
    #[must_use]
    pub fn new(config: &ConsumerConfig) -> Self {
        let (sender, events) = mpsc::channel(config.events_capacity());
        Self {
            core: Assignment::new(config, sender),
            events,
            now: Instant::now(),
        }
    }

    /// Takes a partition over with what is committed for it; returns where to read from.
    pub fn assign(&mut self, partition: PartitionId, committed: Option<(i64, &str)>) -> i64 {
        self.core.assign(partition, committed).unwrap_or(0)
    }

    /// A record arrives.
    pub fn receive(&mut self, partition: PartitionId, record: Record) {
        self.core.receive(partition, record);
    }

    /// All events so far.
    pub fn events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            events.push(event);
            self.core.deliver();
        }
        events
    }

    /// See [`Consumer::try_start`](super::Consumer::try_start).
    #[must_use]
    pub fn try_start(&mut self, token: Token) -> bool {
        self.core.try_start(token, 0)
    }

    /// See [`Consumer::request_start`](super::Consumer::request_start).
    #[must_use]
    pub fn request_start(&mut self, token: Token, alone: bool) -> bool {
        let deadline_ms = 0;
        self.core.request_start(token, Wish { alone, deadline_ms })
    }

    /// See [`Consumer::complete`](super::Consumer::complete).
    pub fn complete(&mut self, token: Token) {
        self.core.complete(token);
    }

    /// What is to be committed after a while, if anything: of each partition the offset and its metadata.
    pub fn commit(&mut self) -> Option<Vec<(PartitionId, i64, String)>> {
        self.now += Duration::from_secs(1);
        let lines: Option<Vec<CommitLine>> = self.core.due_commit(self.now);
        lines
    }

    /// The cluster answers the commit.
    pub fn answer(&mut self, stored: bool) {
        self.core.commit_returned(self.now, stored);
    }

    /// Begins to leave a partition in order: the commits until [`Self::is_settled`] are its last.
    pub fn leave(&mut self, partition: PartitionId) {
        self.core.leave(vec![partition]);
    }

    /// Whether no commit is outstanding, and the partition that is left has its last one.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.core.is_settled()
    }

    /// The partition is another's.
    pub fn revoke(&mut self, partition: PartitionId) {
        self.core.close(&[partition]);
        self.core.revoke(&[partition]);
    }
}
