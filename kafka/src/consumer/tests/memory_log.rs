//! A log, its group's committed offsets, and owners that come, go and die: the world around the core.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::consumer::assignment::{Assignment, CommitLine};
use crate::consumer::metadata::{BROKER_LIMIT, Metadata};
use crate::consumer::tracker::Wish;
use crate::consumer::{ConsumerConfig, Event, PartitionId, PartitionStatus, Token};
use crate::{ClientConfig, Record};

/// When the owners of the tests want their records to be over.
pub(super) const DEADLINE_MS: i64 = 1_800_000_000_000;

/// One topic, some partitions.
#[derive(Debug, Default)]
pub(super) struct MemoryLog {
    records: BTreeMap<(i32, i64), Record>,
    committed: BTreeMap<i32, (i64, String)>,
}

impl MemoryLog {
    /// A log with these offsets in partition 0.
    pub(super) fn with(offsets: impl IntoIterator<Item = i64>) -> Self {
        let mut log = Self::default();
        log.append(0, offsets);
        log
    }

    pub(super) fn append(&mut self, partition: i32, offsets: impl IntoIterator<Item = i64>) {
        for offset in offsets {
            let payload = format!("{partition}/{offset}").into_bytes();
            self.write(partition, offset, payload);
        }
    }

    pub(super) fn write(&mut self, partition: i32, offset: i64, payload: Vec<u8>) {
        let record = Record {
            topic: "submissions".to_owned(),
            partition,
            offset,
            timestamp_ms: Some(1_000 + offset),
            key: None,
            payload,
            headers: Vec::new(),
        };
        self.records.insert((partition, offset), record);
    }

    /// A record of partition 0.
    pub(super) fn record(&self, offset: i64) -> Record {
        self.records[&(0, offset)].clone()
    }

    /// Gives a record of partition 0 another time stamp.
    pub(super) fn stamp(&mut self, offset: i64, timestamp_ms: i64) {
        if let Some(record) = self.records.get_mut(&(0, offset)) {
            record.timestamp_ms = Some(timestamp_ms);
        }
    }

    /// Committed offset of partition 0.
    pub(super) fn offset(&self) -> i64 {
        self.committed[&0].0
    }

    /// What a successor would learn of partition 0.
    pub(super) fn metadata(&self) -> Metadata {
        let (offset, text) = &self.committed[&0];
        Metadata::decode(text, *offset).expect("our own metadata is readable")
    }

    pub(super) fn committed(&self, partition: i32) -> Option<(i64, &str)> {
        let (offset, text) = self.committed.get(&partition)?;
        Some((*offset, text))
    }

    /// As an operator resets a group.
    pub(super) fn reset(&mut self, offset: i64, metadata: &str) {
        self.committed.insert(0, (offset, metadata.to_owned()));
    }

    pub(super) fn store(&mut self, lines: &[CommitLine]) {
        for (id, offset, metadata) in lines {
            assert!(metadata.len() <= BROKER_LIMIT);
            self.committed
                .insert(id.partition, (*offset, metadata.clone()));
        }
    }
}

/// A process with the core in it.
pub(super) struct Owner {
    pub(super) core: Assignment,
    events: mpsc::Receiver<Event>,
    now: Instant,
    position: BTreeMap<i32, i64>,
}

impl Owner {
    pub(super) fn new(change: impl FnOnce(&mut ConsumerConfig)) -> Self {
        let topics = vec!["submissions".to_owned()];
        let mut config = ConsumerConfig::new(ClientConfig::default(), "evaluators", topics);
        config.window = 64;
        config.ready_ahead = 8;
        change(&mut config);
        let (sender, events) = mpsc::channel(config.events_capacity());
        Self {
            core: Assignment::new(&config, sender),
            events,
            now: Instant::now(),
            position: BTreeMap::new(),
        }
    }

    /// A new process that takes partition 0 over and sees the whole log, its first commit acknowledged.
    pub(super) fn of(log: &mut MemoryLog) -> Self {
        let mut owner = Self::new(|_| {});
        owner.take_over(log);
        owner
    }

    pub(super) fn take_over(&mut self, log: &mut MemoryLog) {
        self.assign(log, 0);
        self.fetch(log);
        self.commit(log);
    }

    pub(super) fn assign(&mut self, log: &MemoryLog, partition: i32) {
        let start = self.core.assign(id(partition), log.committed(partition));
        self.position.insert(partition, start.unwrap_or(0));
    }

    /// Receives all that the log has.
    pub(super) fn fetch(&mut self, log: &MemoryLog) {
        self.fetch_at_most(log, usize::MAX);
    }

    pub(super) fn fetch_at_most(&mut self, log: &MemoryLog, count: usize) {
        for (&partition, position) in &mut self.position {
            let records = log
                .records
                .range((partition, *position)..(partition, i64::MAX));
            for (_, record) in records.take(count) {
                *position = record.offset + 1;
                self.core.receive(id(partition), record.clone());
            }
        }
    }

    /// Receives the log again from an earlier offset, as after a pause.
    pub(super) fn refetch(&mut self, log: &MemoryLog, from: i64) {
        self.position.insert(0, from);
        self.fetch(log);
    }

    /// What the polling thread would commit after a good while.
    pub(super) fn due(&mut self) -> Option<Vec<CommitLine>> {
        self.now += Duration::from_secs(1);
        self.core.due_commit(self.now)
    }

    /// What it would commit at once.
    pub(super) fn due_at_once(&mut self) -> Option<Vec<CommitLine>> {
        self.core.due_commit(self.now)
    }

    pub(super) fn acknowledge(&mut self) {
        self.core.commit_returned(self.now, true);
    }

    pub(super) fn refuse(&mut self) {
        self.core.commit_returned(self.now, false);
    }

    /// Commits until nothing is left to say.
    pub(super) fn commit(&mut self, log: &mut MemoryLog) {
        for _ in 0..100 {
            let Some(lines) = self.due() else { return };
            log.store(&lines);
            self.acknowledge();
        }
        panic!("the commits do not come to rest");
    }

    /// Leaves partition 0 in order.
    pub(super) fn leave(&mut self, log: &mut MemoryLog) {
        self.core.leave(vec![id(0)]);
        if let Some(lines) = self.due_at_once() {
            log.store(&lines);
            self.acknowledge();
        }
        assert!(self.core.is_settled());
        self.core.revoke(&[id(0)]);
        self.position.clear();
    }

    /// Is told that partition 0 is another's already.
    pub(super) fn lose(&mut self) {
        self.core.close(&[id(0)]);
        self.core.revoke(&[id(0)]);
        self.position.clear();
    }

    /// All events so far.
    pub(super) fn events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            events.push(event);
            self.core.deliver();
        }
        events
    }

    /// Events so far as words, assignments left out.
    pub(super) fn told(&mut self) -> Vec<String> {
        self.events().iter().filter_map(word).collect()
    }

    /// The records handed out as ready so far.
    pub(super) fn ready(&mut self) -> Vec<Token> {
        let ready = |event| match event {
            Event::Ready { token, .. } => Some(token),
            _ => None,
        };
        self.events().into_iter().filter_map(ready).collect()
    }

    pub(super) fn start(&mut self, token: Token) -> bool {
        self.core.try_start(token, DEADLINE_MS)
    }

    /// Asks for the start of a suspect, or of whatever needs a grant.
    pub(super) fn request(&mut self, token: Token, alone: bool) -> bool {
        let deadline_ms = DEADLINE_MS;
        self.core.request_start(token, Wish { alone, deadline_ms })
    }

    /// Starts one that needs a grant: asks, commits and takes it.
    pub(super) fn start_suspect(&mut self, log: &mut MemoryLog, offset: i64, alone: bool) {
        let token = self.token(offset);
        assert!(self.request(token, alone));
        self.commit(log);
        assert!(self.start(token));
    }

    pub(super) fn status(&self) -> PartitionStatus {
        self.core.status().partitions.remove(0)
    }

    /// The token of an offset of partition 0 in the present assignment.
    pub(super) fn token(&self, offset: i64) -> Token {
        Token {
            partition: id(0),
            epoch: self.status().epoch,
            offset,
        }
    }
}

pub(super) fn id(partition: i32) -> PartitionId {
    PartitionId {
        topic: 0,
        partition,
    }
}

fn word(event: &Event) -> Option<String> {
    match event {
        Event::Ready { token, .. } => Some(format!("ready {}", token.offset)),
        Event::Suspect { token, crashed, .. } => {
            Some(format!("suspect {} crashed {crashed}", token.offset))
        }
        Event::Convicted { token, crashed, .. } => {
            Some(format!("convicted {} crashed {crashed}", token.offset))
        }
        Event::Held { token, crashed, .. } => {
            Some(format!("held {} crashed {crashed}", token.offset))
        }
        Event::Granted { token } => Some(format!("granted {}", token.offset)),
        Event::Assigned { .. } | Event::Revoked { .. } => None,
        Event::Fatal(error) => Some(error.to_string()),
    }
}
