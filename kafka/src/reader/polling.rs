//! The polling thread.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::accumulate::Accumulator;
use super::assign::{Change, Rebalancer, answer_requests};
use super::outbox::{Flow, Outbox};
use super::{OffsetSource, ReaderConfig, ReaderError, ReaderEvent, Shared, TopicPartition};
use crate::{Record, closing};

/// The longest the thread is deaf to a stop.
const POLL_TIMEOUT: Duration = Duration::from_millis(100);
const COMMIT_INTERVAL: Duration = Duration::from_secs(1);

type ReaderConsumer = BaseConsumer<Rebalancer>;

pub(super) fn spawn(
    config: ReaderConfig,
    source: impl OffsetSource,
    events: mpsc::Sender<ReaderEvent>,
    shared: Arc<Shared>,
) -> Result<JoinHandle<()>, ReaderError> {
    let failed = |source| ReaderError::Start {
        group_id: config.group_id.clone(),
        source,
    };
    let runtime = Handle::current();
    let (requests, answered) = mpsc::channel(1);
    let rebalancer = Rebalancer::new(requests, config.offsets_timeout);
    let consumer: ReaderConsumer = client_config(&config)
        .create_with_context(rebalancer)
        .map_err(failed)?;
    let topics: Vec<&str> = config.topics.iter().map(String::as_str).collect();
    consumer.subscribe(&topics).map_err(failed)?;
    runtime.spawn(answer_requests(source, answered));
    let polling = Polling {
        accumulator: Accumulator::new(&config),
        outbox: Outbox::new(events, runtime),
        assignment: BTreeSet::new(),
        paused: BTreeSet::new(),
        commit_due: Instant::now() + COMMIT_INTERVAL,
        consumer,
        shared,
        group_id: config.group_id.clone(),
    };
    let name = format!("read-{}", config.group_id);
    std::thread::Builder::new()
        .name(name)
        .spawn(move || polling.run())
        .map_err(|error| ReaderError::Client(format!("failed to start its thread: {error}")))
}

fn client_config(config: &ReaderConfig) -> rdkafka::ClientConfig {
    let mut client = config.client.member(&config.group_id, &[]);
    // Not the operator's to change: a position that is gone must never be replaced in silence.
    client.set("auto.offset.reset", "error");
    client
}

struct Polling {
    consumer: ReaderConsumer,
    accumulator: Accumulator,
    outbox: Outbox,
    assignment: BTreeSet<TopicPartition>,
    paused: BTreeSet<TopicPartition>,
    commit_due: Instant,
    shared: Arc<Shared>,
    group_id: String,
}

impl Polling {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Acquire) {
            if let Err(error) = self.turn() {
                return self.end(error);
            }
            match self.outbox.deliver(POLL_TIMEOUT) {
                Flow::Clear => self.resume(),
                Flow::Held => self.pause(),
                Flow::Closed => break,
            }
        }
        self.commit(CommitMode::Async);
        self.leave();
    }

    fn end(self, error: ReaderError) {
        let (mut outbox, shared) = self.leave();
        outbox.push(ReaderEvent::Fatal(error));
        outbox.deliver_last(|| !shared.stop.load(Ordering::Acquire), POLL_TIMEOUT);
    }

    /// Leaves the group before the caller hears of the end: others can go on while it is busy.
    fn leave(self) -> (Outbox, Arc<Shared>) {
        let Self {
            consumer,
            outbox,
            shared,
            group_id,
            ..
        } = self;
        // The client leaves only when its commits are answered, also those that nobody waits for.
        closing::close(&group_id, closing::PATIENCE, move || drop(consumer));
        (outbox, shared)
    }

    /// One poll and what follows from it.
    fn turn(&mut self) -> Result<(), ReaderError> {
        let timeout = self
            .accumulator
            .due_in()
            .unwrap_or(POLL_TIMEOUT)
            .min(POLL_TIMEOUT);
        match self.consumer.poll(timeout) {
            Some(Ok(message)) => self.accumulator.push(Record::copy_of(&message)),
            Some(Err(error)) => outlive(error)?,
            None => {}
        }
        *self
            .shared
            .last_poll
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now();
        for change in self.consumer.context().take_changes() {
            self.follow(change)?;
        }
        if self.accumulator.due_in().is_some_and(|wait| wait.is_zero()) {
            self.hand_out_batch();
        }
        if self.commit_due <= Instant::now() {
            self.commit(CommitMode::Async);
        }
        Ok(())
    }

    fn follow(&mut self, change: Change) -> Result<(), ReaderError> {
        match change {
            Change::Assigned(positions) => {
                self.hand_out_batch();
                self.assignment.extend(positions.keys().cloned());
                self.outbox.push(ReaderEvent::Assigned(positions));
            }
            Change::Revoked(partitions) => {
                self.accumulator.forget(&partitions);
                self.hand_out_batch();
                self.assignment
                    .retain(|partition| !partitions.contains(partition));
                self.paused
                    .retain(|partition| !partitions.contains(partition));
                self.outbox.push(ReaderEvent::Revoked(partitions));
            }
            Change::Failed(error) => return Err(error),
        }
        Ok(())
    }

    fn hand_out_batch(&mut self) {
        if let Some(batch) = self.accumulator.take() {
            self.outbox.push(ReaderEvent::Batch(batch));
        }
    }

    /// Pauses what is assigned and not yet paused: also what was assigned since the last call.
    fn pause(&mut self) {
        let flowing: Vec<_> = self.assignment.difference(&self.paused).cloned().collect();
        if flowing.is_empty() {
            return;
        }
        match self
            .consumer
            .pause(&list(flowing.iter().map(|partition| (partition, None))))
        {
            Ok(()) => self.paused.extend(flowing),
            Err(error) => tracing::warn!(error = %error, "failed to pause"),
        }
    }

    /// Resumes what is paused and nothing else.
    fn resume(&mut self) {
        if self.paused.is_empty() {
            return;
        }
        match self
            .consumer
            .resume(&list(self.paused.iter().map(|partition| (partition, None))))
        {
            Ok(()) => self.paused.clear(),
            Err(error) => tracing::warn!(error = %error, "failed to resume"),
        }
    }

    /// Commits only what is assigned now: a commit of a partition we lost would rewind its group.
    fn commit(&mut self, mode: CommitMode) {
        self.commit_due = Instant::now() + COMMIT_INTERVAL;
        let mut offsets = std::mem::take(
            &mut *self
                .shared
                .advisory
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        offsets.retain(|partition, _| self.assignment.contains(partition));
        if offsets.is_empty() {
            return;
        }
        let offsets = list(
            offsets
                .iter()
                .map(|(partition, &next)| (partition, Some(next))),
        );
        if let Err(error) = self.consumer.commit(&offsets, mode) {
            tracing::debug!(error = %error, "advisory commit failed");
        }
    }
}

/// Most errors are librdkafka's news about connections it is already repairing.
fn outlive(error: KafkaError) -> Result<(), ReaderError> {
    match error {
        KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) => {
            Err(ReaderError::PositionLost {
                reason: error.to_string(),
            })
        }
        KafkaError::MessageConsumptionFatal(_)
        | KafkaError::MessageConsumption(
            RDKafkaErrorCode::GroupAuthorizationFailed | RDKafkaErrorCode::TopicAuthorizationFailed,
        ) => Err(ReaderError::Client(error.to_string())),
        _ => {
            tracing::warn!(error = %error, "kafka reader hit a passing error");
            Ok(())
        }
    }
}

fn list<'a>(
    partitions: impl Iterator<Item = (&'a TopicPartition, Option<i64>)>,
) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in partitions {
        let offset = offset.map_or(Offset::Invalid, Offset::Offset);
        // Fails only for a topic name with a NUL byte, which no broker has told us.
        let _ = list.add_partition_offset(&partition.topic, partition.partition, offset);
    }
    list
}
