//! Records on their way into a batch.

use std::time::{Duration, Instant};

use super::{Batch, ReaderConfig, TopicPartition};
use crate::Record;

/// A batch in the making.
pub(super) struct Accumulator {
    records: Vec<Record>,
    bytes: usize,
    first_at: Instant,
    most_records: usize,
    most_bytes: usize,
    linger: Duration,
}

impl Accumulator {
    pub(super) fn new(config: &ReaderConfig) -> Self {
        Self {
            records: Vec::new(),
            bytes: 0,
            first_at: Instant::now(),
            most_records: config.batch_records.max(1),
            most_bytes: config.batch_bytes,
            linger: config.linger,
        }
    }

    pub(super) fn push(&mut self, record: Record) {
        if self.records.is_empty() {
            self.first_at = Instant::now();
        }
        self.bytes += bytes_of(&record);
        self.records.push(record);
    }

    /// Forgets records of partitions that are no longer ours: their new owner reads them.
    pub(super) fn forget(&mut self, revoked: &[TopicPartition]) {
        self.records
            .retain(|record| !revoked.contains(&TopicPartition::of(record)));
        self.bytes = self.records.iter().map(bytes_of).sum();
    }

    /// How long until the batch must go, if there is one.
    pub(super) fn due_in(&self) -> Option<Duration> {
        if self.records.is_empty() {
            return None;
        }
        if self.records.len() >= self.most_records || self.bytes >= self.most_bytes {
            return Some(Duration::ZERO);
        }
        Some(self.linger.saturating_sub(self.first_at.elapsed()))
    }

    /// Takes the batch, if there is any record.
    pub(super) fn take(&mut self) -> Option<Batch> {
        self.bytes = 0;
        let records = std::mem::take(&mut self.records);
        (!records.is_empty()).then_some(Batch { records })
    }
}

fn bytes_of(record: &Record) -> usize {
    record.payload.len() + record.key.as_ref().map_or(0, Vec::len)
}
