//! One topic, followed on a thread of its own.

use std::collections::BTreeMap;
use std::sync::mpsc as blocking;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;

use super::positions::{partitions, resolve, resolve_patiently};
use super::{Mark, POLL, Start, TailError};
use crate::client::LogContext;
use crate::{ClientConfig, Record};

/// What a follower hands on.
pub(super) enum Followed {
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
pub(super) struct Follower {
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
    pub(super) fn open(
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

    pub(super) fn run(mut self, set_marks: &blocking::Receiver<Mark>) {
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
