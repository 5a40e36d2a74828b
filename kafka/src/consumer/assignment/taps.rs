//! The last resort against too much: which partitions are paused.

use super::super::PartitionId;
use super::Assignment;

impl Assignment {
    /// Which partitions to pause and which to resume, derived anew from what is kept and what is full.
    ///
    /// A pause throws away what the client has prefetched, so there is a wide gap between the two edges.
    pub(in crate::consumer) fn turn_taps(&mut self) -> (Vec<PartitionId>, Vec<PartitionId>) {
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
    pub(in crate::consumer) fn paused_of(&self, ids: &[PartitionId]) -> Vec<PartitionId> {
        let paused = |id: &PartitionId| self.trackers.get(id).is_some_and(|tracker| tracker.paused);
        ids.iter().copied().filter(paused).collect()
    }
}
