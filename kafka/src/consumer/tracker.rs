//! One partition under one assignment: what was received, what may start, what runs, what is done.
//!
//! Pure state, no clock and no client: every rule of I3 and I4 that concerns one partition is here
//! and in the two files below. A record's way:
//!
//! ```text
//! receive ─ fresh ──────────→ queue ─ below the acknowledged horizon → Ready ─ try_start ─→ Running ─ complete → done
//!         ├ below the former owner's horizon, which died ────────────→ Suspect ─ request_start, commit acknowledged ↗
//!         ├ running at the former owner, which left in order ────────→ Held ─ deadline ↗ or its verdict → done
//!         └ died while it ran alone ─────────────────────────────────→ Convicted ─ dead letter → done
//! ```
//!
//! A ready or running record may be postponed while our user waits for something: started again later, fresh for a next owner.
//!
//! Nothing at all leaves before the first commit of this assignment is acknowledged. Until then the
//! log still holds the former owner's metadata, and if we died, our successor would read that: with
//! a `clean` mark in it, what we started would look as if it had never run.

mod commit;
mod intake;
mod restore;
mod stage;
mod status;

use std::collections::{BTreeMap, VecDeque};

use super::ring::Ring;
use super::{Event, PartitionId, Token};
use crate::Record;
pub(super) use commit::{Mode, Snapshot, Urgency};
use intake::size;
use stage::{Custody, Entry, Stage};
pub(super) use stage::{Wish, to_ms};

/// The state of one owned partition.
#[derive(Debug)]
pub(super) struct Tracker {
    pub(super) id: PartitionId,
    /// Names the assignment; every token carries it.
    pub(super) epoch: u64,
    window: usize,
    /// Whether the position is known: not before the first record of a partition never committed.
    known: bool,
    ring: Ring,
    /// Next offset to receive: all below it was received or is not in the log.
    next: i64,
    /// Fresh records, not handed out, in order.
    queue: VecDeque<Record>,
    /// Records beyond the window, in order. Fetching is paused while there are any.
    parked: VecDeque<Record>,
    /// Records handed out, and those the former owner's metadata names, until they are done.
    entries: BTreeMap<i64, Entry>,
    /// Received held and convicted records that were not handed out.
    attention: VecDeque<i64>,
    /// Received suspects that were not handed out.
    suspects: VecDeque<i64>,
    /// Bytes of the records kept here.
    bytes: usize,
    /// Records handed out as ready and not started.
    ready: usize,
    /// Suspects handed out and not running.
    suspects_out: usize,
    /// Requested starts no acknowledged commit has granted.
    wishes: usize,
    /// The revoke has begun: nothing more is handed out or started.
    closing: bool,
    /// Fetching is paused by us.
    pub(super) paused: bool,
    /// Records received again and dropped.
    refetched: u64,
    commit: commit::Progress,
}

impl Tracker {
    /// The next held or convicted record, if one was received.
    pub(super) fn take_attention(&mut self) -> Option<Event> {
        while self.is_open() {
            let offset = self.attention.pop_front()?;
            let event = self.hand_out(offset);
            if event.is_some() {
                return event;
            }
        }
        None
    }

    /// The next suspect, if one was received and has this time stamp or an earlier one.
    pub(super) fn take_suspect(&mut self, due_until_ms: i64) -> Option<Event> {
        while self.is_open() {
            let &offset = self.suspects.front()?;
            let entry = self.entries.get(&offset);
            if entry.is_some_and(|entry| !is_due(entry.timestamp_ms, due_until_ms)) {
                return None;
            }
            self.suspects.pop_front();
            let event = self.hand_out(offset);
            if event.is_some() {
                self.suspects_out += 1;
                return event;
            }
        }
        None
    }

    /// The next fresh record, if it lies below the acknowledged horizon and has this time stamp or an earlier one.
    pub(super) fn take_ready(&mut self, due_until_ms: i64) -> Option<Event> {
        if !self.has_ready(due_until_ms) {
            return None;
        }
        let record = self.queue.pop_front()?;
        self.bytes -= size(&record);
        self.ready += 1;
        self.commit.exposed += 1;
        let entry = Entry::handed(Stage::Ready, record.timestamp_ms);
        self.entries.insert(record.offset, entry);
        let token = self.token(record.offset);
        Some(Event::Ready { token, record })
    }

    /// Whether [`take_ready`](Self::take_ready) would give a record.
    pub(super) fn has_ready(&self, due_until_ms: i64) -> bool {
        let startable = |record: &Record| {
            record.offset < self.commit.horizon && is_due(record.timestamp_ms, due_until_ms)
        };
        self.is_open() && self.queue.front().is_some_and(startable)
    }

    /// Marks a ready record, a held one without crashes, or one whose start was granted, as running.
    pub(super) fn try_start(&mut self, offset: i64, deadline_ms: i64) -> bool {
        if self.closing {
            return false;
        }
        let Some(entry) = self
            .entries
            .get_mut(&offset)
            .filter(|entry| entry.is_handed())
        else {
            return false;
        };
        match &mut entry.stage {
            Stage::Ready => self.ready -= 1,
            Stage::Postponed | Stage::Held { crashed: 0, .. } => {}
            Stage::Running { taken, .. } => return !std::mem::replace(taken, true),
            _ => return false,
        }
        entry.stage = Stage::Running {
            crashed: 0,
            alone: false,
            deadline_ms,
            taken: true,
        };
        true
    }

    /// Marks a ready record, or one that ran and was no suspect, as waiting: it takes no credit, and whoever comes next
    /// may start it at once.
    pub(super) fn postpone(&mut self, offset: i64) {
        let Some(entry) = self.entries.get_mut(&offset) else {
            return;
        };
        match entry.stage {
            Stage::Ready => self.ready -= 1,
            Stage::Running {
                crashed: 0,
                alone: false,
                ..
            } => {}
            _ => return,
        }
        entry.stage = Stage::Postponed;
    }

    /// Notes the wish to start a suspect or a held record; a commit must name it first. `false`: there is nothing to start.
    pub(super) fn request_start(&mut self, offset: i64, wish: Wish) -> bool {
        if self.closing {
            return false;
        }
        let Some(entry) = self
            .entries
            .get_mut(&offset)
            .filter(|entry| entry.is_handed())
        else {
            return false;
        };
        let crashed = match entry.stage {
            Stage::Suspect {
                crashed,
                wish: None,
            } => crashed,
            Stage::Held { crashed, .. } => {
                self.suspects_out += 1;
                crashed
            }
            _ => return false,
        };
        entry.stage = Stage::Suspect {
            crashed,
            wish: Some(wish),
        };
        self.wishes += 1;
        true
    }

    /// The record's successor is durable.
    pub(super) fn complete(&mut self, offset: i64) {
        if let Some(entry) = self.entries.remove(&offset) {
            self.forget(&entry);
            self.ring.mark(offset);
            self.settle();
        }
    }

    /// A completion from an earlier assignment in this process: it counts only for a record that is held for just that.
    pub(super) fn complete_held(&mut self, offset: i64) {
        let held = |entry: &Entry| matches!(entry.stage, Stage::Held { .. });
        if self.entries.get(&offset).is_some_and(held) {
            self.complete(offset);
        }
    }

    /// From here on nothing is handed out or started: the clean commit must stay true. A start that was granted and not
    /// taken will never be: the next owner would hold the record for a run that there is not.
    pub(super) fn close(&mut self) {
        self.closing = true;
        for entry in self.entries.values_mut() {
            if let Stage::Running {
                crashed,
                taken: false,
                ..
            } = entry.stage
            {
                let wish = None;
                entry.stage = Stage::Suspect { crashed, wish };
                self.suspects_out += 1;
            }
        }
    }

    /// Records kept here.
    pub(super) fn kept(&self) -> usize {
        self.queue.len() + self.parked.len() + self.attention.len() + self.suspects.len()
    }

    /// Bytes of the records kept here.
    pub(super) fn kept_bytes(&self) -> usize {
        self.bytes
    }

    /// Records handed out as ready and not started.
    pub(super) fn ready(&self) -> usize {
        self.ready
    }

    /// Suspects handed out and not running.
    pub(super) fn suspects_out(&self) -> usize {
        self.suspects_out
    }

    /// Records received again and dropped.
    pub(super) fn refetched(&self) -> u64 {
        self.refetched
    }

    /// Whether anything may leave.
    fn is_open(&self) -> bool {
        self.commit.opened && !self.closing
    }

    /// Hands out a record that is not fresh; `None` if an older token completed it in the meantime.
    fn hand_out(&mut self, offset: i64) -> Option<Event> {
        let token = self.token(offset);
        let entry = self.entries.get_mut(&offset)?;
        let Custody::Kept(record) = std::mem::replace(&mut entry.custody, Custody::Handed) else {
            return None;
        };
        self.bytes -= size(&record);
        entry.stage.introduce(token, record)
    }

    fn token(&self, offset: i64) -> Token {
        Token {
            partition: self.id,
            epoch: self.epoch,
            offset,
        }
    }

    fn forget(&mut self, entry: &Entry) {
        match entry.stage {
            Stage::Ready => self.ready -= 1,
            Stage::Suspect { wish, .. } => {
                self.wishes -= usize::from(wish.is_some());
                self.suspects_out -= usize::from(entry.is_handed());
            }
            Stage::Postponed
            | Stage::Running { .. }
            | Stage::Held { .. }
            | Stage::Convicted { .. } => {}
        }
        if let Custody::Kept(record) = &entry.custody {
            self.bytes -= size(record);
        }
    }
}

/// A record without a time stamp has nothing to wait for.
fn is_due(timestamp_ms: Option<i64>, due_until_ms: i64) -> bool {
    timestamp_ms.is_none_or(|timestamp_ms| timestamp_ms <= due_until_ms)
}
