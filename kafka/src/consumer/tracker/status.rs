//! A partition as metrics and health see it.

use super::super::PartitionStatus;
use super::{Custody, Stage, Tracker};

impl Tracker {
    /// A snapshot for metrics and health.
    pub(in crate::consumer) fn status(&self) -> PartitionStatus {
        let count = |wanted: fn(&Stage) -> bool| {
            self.entries
                .values()
                .filter(|entry| wanted(&entry.stage))
                .count()
        };
        let frontier = self.ring.base();
        let queued = self
            .queue
            .front()
            .filter(|record| record.offset == frontier);
        let frontier_timestamp_ms = match self.entries.get(&frontier) {
            Some(entry) => entry.timestamp_ms,
            None => queued.and_then(|record| record.timestamp_ms),
        };
        let awaited = self
            .entries
            .values()
            .filter(|entry| matches!(entry.custody, Custody::Awaited))
            .count();
        PartitionStatus {
            partition: self.id.partition,
            epoch: self.epoch,
            frontier: self.known.then_some(frontier),
            horizon: self.known.then_some(self.commit.horizon),
            next_offset: self.known.then_some(self.next),
            outstanding: self.queue.len() + self.parked.len() + self.entries.len() - awaited,
            queued: self.kept(),
            ready: self.ready,
            running: count(|stage| matches!(stage, Stage::Running { .. })),
            suspects: count(|stage| matches!(stage, Stage::Suspect { .. })),
            held: count(|stage| matches!(stage, Stage::Held { .. })),
            frontier_timestamp_ms,
            paused: self.paused,
            ..PartitionStatus::default()
        }
    }
}
