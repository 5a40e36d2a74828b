//! The rules of starting, as a state machine without time, tasks or Kafka.
//!
//! A key waits, then works: it *judges* (holds a slot) and then *publishes* (holds none), and leaves when its offset
//! is done. Ready keys wait in lanes; those of bulk leave some slots to the others. A suspect (one crash behind it) goes
//! before them, but few suspects judge at a time, so that the next crash names few. An accused (two crashes behind it) runs when nothing else does, publishing
//! included: whatever dies then was its doing. While it waits for that, nothing new starts.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use super::lanes::{Lanes, Waiting};
use super::{LaneKind, Shares, Work};

/// How a key comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Takes its turn in its lane.
    Ready(Work),
    /// One start of it ended in a crash.
    Suspect,
    /// Two starts of it ended in a crash: it runs alone.
    Accused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Judging(Entry),
    Publishing,
}

/// Decides which waiting key starts next. `K` is whatever names one piece of work.
#[derive(Debug)]
pub(super) struct Scheduler<K> {
    slots: usize,
    shares: Shares,
    lanes: Lanes<K>,
    suspects: VecDeque<K>,
    accused: VecDeque<K>,
    working: HashMap<K, Phase>,
    /// How many of `working` judge, and as what.
    judging: Judging,
}

#[derive(Debug, Default)]
struct Judging {
    ready: usize,
    bulk: usize,
    suspects: usize,
    accused: usize,
}

impl Judging {
    fn of(&mut self, entry: Entry) -> &mut usize {
        match entry {
            Entry::Ready(work) if work.lane == LaneKind::Bulk => &mut self.bulk,
            Entry::Ready(_) => &mut self.ready,
            Entry::Suspect => &mut self.suspects,
            Entry::Accused => &mut self.accused,
        }
    }
}

impl<K: Copy + Eq + Hash> Scheduler<K> {
    pub(super) fn new(slots: usize, shares: Shares) -> Self {
        Self {
            slots,
            shares,
            lanes: Lanes::new(shares),
            suspects: VecDeque::new(),
            accused: VecDeque::new(),
            working: HashMap::new(),
            judging: Judging::default(),
        }
    }

    /// Other shares from here on; what judges already goes on.
    pub(super) fn set_shares(&mut self, shares: Shares) {
        self.shares = shares;
        self.lanes.set_shares(shares);
    }

    pub(super) fn enter(&mut self, key: K, entry: Entry) {
        match entry {
            Entry::Ready(work) => self.lanes.push(key, work),
            Entry::Suspect => self.suspects.push_back(key),
            Entry::Accused => self.accused.push_back(key),
        }
    }

    /// The key that starts now, if one may; ask again until `None`.
    pub(super) fn start_next(&mut self) -> Option<K> {
        let (key, entry) = self.pick()?;
        self.working.insert(key, Phase::Judging(entry));
        *self.judging.of(entry) += 1;
        Some(key)
    }

    fn pick(&mut self) -> Option<(K, Entry)> {
        if self.judging.accused > 0 || self.slots_busy() == self.slots {
            return None;
        }
        if !self.accused.is_empty() {
            let nothing_else_runs = self.working.is_empty();
            let key = nothing_else_runs.then(|| self.accused.pop_front())??;
            return Some((key, Entry::Accused));
        }
        if self.judging.suspects < self.suspects_at_once()
            && let Some(key) = self.suspects.pop_front()
        {
            return Some((key, Entry::Suspect));
        }
        let bulk_may = self.judging.bulk < self.shares.bulk_slots(self.slots);
        let may_start = |lane| lane != LaneKind::Bulk || bulk_may;
        let (key, work) = self.lanes.pop(may_start)?;
        Some((key, Entry::Ready(work)))
    }

    /// Its slot is free; its verdict is still on the way. An accused stays alone until its offset is done. `measured` is
    /// for how long it had the slot.
    pub(super) fn judged(&mut self, key: K, measured: Duration) {
        let Some(phase) = self.working.get_mut(&key) else {
            return;
        };
        if let Phase::Judging(entry @ (Entry::Ready(_) | Entry::Suspect)) = *phase {
            *phase = Phase::Publishing;
            self.free(entry, measured);
        }
    }

    fn free(&mut self, entry: Entry, measured: Duration) {
        *self.judging.of(entry) -= 1;
        if let Entry::Ready(work) = entry {
            self.lanes.correct(work, measured);
        }
    }

    /// It is done, or given up, wherever it was.
    pub(super) fn leave(&mut self, key: K) {
        match self.working.remove(&key) {
            // It never got to its judging.
            Some(Phase::Judging(entry)) => self.free(entry, Duration::ZERO),
            Some(Phase::Publishing) => {}
            None => self.leave_queue(key),
        }
    }

    fn leave_queue(&mut self, key: K) {
        if self.lanes.remove(&key).is_none() {
            self.suspects.retain(|waiting| *waiting != key);
            self.accused.retain(|waiting| *waiting != key);
        }
    }

    /// All slots.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Slots that judge now.
    pub(super) fn slots_busy(&self) -> usize {
        let judging = &self.judging;
        judging.ready + judging.bulk + judging.suspects + judging.accused
    }

    /// What waits in a lane for a slot.
    pub(super) fn waiting(&self, lane: LaneKind) -> Waiting {
        self.lanes.waiting(lane)
    }

    /// Suspects that wait or judge, the accused among them.
    pub(super) fn suspects(&self) -> usize {
        self.suspects.len() + self.accused.len() + self.judging.suspects + self.judging.accused
    }

    /// A quarter of the slots: a crash names few, and a host that lost power still catches up.
    fn suspects_at_once(&self) -> usize {
        (self.slots / 4).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::User;
    use super::*;

    fn start_all(scheduler: &mut Scheduler<u32>) -> Vec<u32> {
        std::iter::from_fn(|| scheduler.start_next()).collect()
    }

    fn ready() -> Entry {
        Entry::Ready(Work {
            lane: LaneKind::Interactive,
            user: User(0),
            cost: Duration::from_secs(1),
        })
    }

    fn with_ready(slots: usize, keys: impl IntoIterator<Item = u32>) -> Scheduler<u32> {
        let mut scheduler = Scheduler::new(slots, Shares::default());
        for key in keys {
            scheduler.enter(key, ready());
        }
        scheduler
    }

    #[test]
    fn no_more_judge_at_a_time_than_there_are_slots() {
        let mut scheduler = with_ready(2, 0..5);
        assert_eq!(start_all(&mut scheduler), [0, 1]);
        scheduler.leave(0);
        assert_eq!(start_all(&mut scheduler), [2]);
    }

    #[test]
    fn publishing_holds_no_slot() {
        let mut scheduler = with_ready(1, 0..2);
        assert_eq!(start_all(&mut scheduler), [0]);
        scheduler.judged(0, Duration::ZERO);
        assert_eq!(start_all(&mut scheduler), [1]);
        assert_eq!(scheduler.slots_busy(), 1);
    }

    #[test]
    fn suspects_go_first_but_only_a_quarter_of_the_slots_at_a_time() {
        let mut scheduler = with_ready(8, 0..10);
        for suspect in 100..105 {
            scheduler.enter(suspect, Entry::Suspect);
        }
        assert_eq!(start_all(&mut scheduler), [100, 101, 0, 1, 2, 3, 4, 5]);
        scheduler.leave(3);
        assert_eq!(start_all(&mut scheduler), [6]);
        scheduler.leave(100);
        assert_eq!(start_all(&mut scheduler), [102]);
    }

    #[test]
    fn one_suspect_at_a_time_with_few_slots() {
        let mut scheduler = with_ready(2, []);
        scheduler.enter(100, Entry::Suspect);
        scheduler.enter(101, Entry::Suspect);
        assert_eq!(start_all(&mut scheduler), [100]);
        scheduler.judged(100, Duration::ZERO);
        assert_eq!(start_all(&mut scheduler), [101]);
    }

    #[test]
    fn an_accused_waits_until_everything_is_published_and_holds_back_all_others() {
        let mut scheduler = with_ready(2, 0..4);
        assert_eq!(start_all(&mut scheduler), [0, 1]);
        scheduler.enter(200, Entry::Accused);
        scheduler.enter(100, Entry::Suspect);
        scheduler.judged(0, Duration::ZERO);
        scheduler.leave(1);
        assert_eq!(start_all(&mut scheduler), [0; 0], "0 still publishes");
        scheduler.leave(0);
        assert_eq!(start_all(&mut scheduler), [200]);
        scheduler.judged(200, Duration::ZERO);
        assert_eq!(start_all(&mut scheduler), [0; 0], "alone until it is done");
        scheduler.leave(200);
        assert_eq!(start_all(&mut scheduler), [100, 2]);
    }

    #[test]
    fn several_accused_run_one_after_the_other() {
        let mut scheduler = with_ready(4, []);
        scheduler.enter(200, Entry::Accused);
        scheduler.enter(201, Entry::Accused);
        assert_eq!(start_all(&mut scheduler), [200]);
        assert_eq!(scheduler.suspects(), 2);
        scheduler.leave(200);
        assert_eq!(start_all(&mut scheduler), [201]);
    }

    #[test]
    fn who_leaves_while_waiting_never_starts_and_an_accused_that_leaves_frees_the_others() {
        let mut scheduler = with_ready(2, 0..2);
        scheduler.enter(100, Entry::Suspect);
        scheduler.enter(200, Entry::Accused);
        scheduler.enter(201, Entry::Accused);
        for gone in [0, 100, 201, 200] {
            scheduler.leave(gone);
        }
        assert_eq!(start_all(&mut scheduler), [1]);
        assert_eq!(scheduler.suspects(), 0);
    }
}
