//! How records of the log come in: in order, some again, some missing, some too far ahead.

use super::{Entry, Stage, Tracker};
use crate::Record;

impl Tracker {
    /// Takes a record of the log. Those known already are dropped, those missing in between are done.
    pub(in crate::consumer) fn receive(&mut self, record: Record) {
        if !self.known {
            self.start_at(record.offset);
        }
        if record.offset < self.next
            || self
                .parked
                .back()
                .is_some_and(|last| record.offset <= last.offset)
        {
            self.refetched += 1;
            return;
        }
        self.bytes += size(&record);
        if self.parked.is_empty() && self.fits(record.offset) {
            self.admit(record);
        } else {
            self.parked.push_back(record);
        }
    }

    /// Whether the window is full, so that nothing more can be taken.
    pub(in crate::consumer) fn is_full(&self) -> bool {
        !self.parked.is_empty()
    }

    /// Whether the window reaches the offset. An idle frontier jumps over any gap.
    fn fits(&self, offset: i64) -> bool {
        offset < self.ring.end() || self.ring.base() >= self.next
    }

    fn admit(&mut self, record: Record) {
        let offset = record.offset;
        self.skip_gap(offset);
        self.next = offset + 1;
        if self.ring.is_done(offset) {
            self.bytes -= size(&record);
            return;
        }
        if !self.entries.contains_key(&offset) {
            if offset >= self.commit.suspects_below {
                self.queue.push_back(record);
                return;
            }
            let suspect = Stage::Suspect {
                crashed: 1,
                wish: None,
            };
            self.entries.insert(offset, Entry::awaited(suspect));
        }
        if let Some(entry) = self.entries.get_mut(&offset) {
            let suspect = matches!(entry.stage, Stage::Suspect { .. });
            entry.keep(record);
            if suspect {
                &mut self.suspects
            } else {
                &mut self.attention
            }
            .push_back(offset);
        }
    }

    /// Offsets never delivered are compacted away, aborted or control records: nothing is there to be done.
    fn skip_gap(&mut self, to: i64) {
        if self.next >= to {
            return;
        }
        let gone: Vec<i64> = self
            .entries
            .range(self.next..to)
            .map(|(offset, _)| *offset)
            .collect();
        for offset in gone {
            self.entries.remove(&offset);
        }
        self.ring.mark_gap(self.next, to);
        self.commit.changed = true;
    }

    /// After the frontier may have moved: notes the change and takes in what the window now reaches.
    pub(super) fn settle(&mut self) {
        self.commit.changed = true;
        self.next = self.next.max(self.ring.base());
        while self
            .parked
            .front()
            .is_some_and(|record| self.fits(record.offset))
        {
            if let Some(record) = self.parked.pop_front() {
                self.admit(record);
            }
        }
    }
}

/// What keeping a record costs.
pub(super) fn size(record: &Record) -> usize {
    let headers: usize = record
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    record.payload.len() + record.key.as_ref().map_or(0, Vec::len) + headers + record.topic.len()
}
