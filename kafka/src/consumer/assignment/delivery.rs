//! What goes out next: credits, turns, and room in the channel.

use std::ops::Bound::{Excluded, Unbounded};
use std::time::SystemTime;

use super::super::tracker::{Tracker, to_ms};
use super::super::{Event, PartitionId};
use super::Assignment;

/// Suspects handed out at a time, at least; a few are enough, as each start waits for a commit.
const SUSPECTS_OUT: usize = 16;

impl Assignment {
    /// Something for our user that must not be lost.
    pub(in crate::consumer) fn announce(&mut self, event: Event) {
        self.outbox.push_back(event);
        self.deliver();
    }

    /// Hands out what has only had to wait for its time.
    pub(in crate::consumer) fn hand_out_due(&mut self) {
        if !self.delay.is_zero() {
            self.deliver();
        }
    }

    /// Hands out all that is due and that credits and the channel allow.
    pub(in crate::consumer) fn deliver(&mut self) {
        let due_until_ms = self.due_until_ms();
        let events = self.events.clone();
        let mut ready = self.ready_ahead.saturating_sub(self.sum(Tracker::ready));
        let mut suspects = self
            .suspect_limit()
            .saturating_sub(self.sum(Tracker::suspects_out));
        while let Ok(permit) = events.try_reserve() {
            let Some(event) = self.next_event(due_until_ms, &mut ready, &mut suspects) else {
                return;
            };
            permit.send(event);
        }
    }

    fn suspect_limit(&self) -> usize {
        self.ready_ahead.max(SUSPECTS_OUT)
    }

    /// Records with this time stamp or an earlier one may be handed out.
    fn due_until_ms(&self) -> i64 {
        match SystemTime::now().checked_sub(self.delay) {
            Some(until) if !self.delay.is_zero() => to_ms(until),
            _ => i64::MAX,
        }
    }

    fn next_event(
        &mut self,
        due_until_ms: i64,
        ready: &mut usize,
        suspects: &mut usize,
    ) -> Option<Event> {
        if let Some(event) = self.outbox.pop_front() {
            return Some(event);
        }
        let mut trackers = self.trackers.values_mut();
        if let Some(event) = trackers.find_map(Tracker::take_attention) {
            return Some(event);
        }
        if *suspects > 0
            && let Some(event) = self
                .trackers
                .values_mut()
                .find_map(|tracker| tracker.take_suspect(due_until_ms))
        {
            *suspects -= 1;
            return Some(event);
        }
        if *ready == 0 {
            return None;
        }
        *ready -= 1;
        let id = self.next_turn(due_until_ms)?;
        self.turn = Some(id);
        self.trackers.get_mut(&id)?.take_ready(due_until_ms)
    }

    /// The next partition after the last one that has a record ready: all get their turn.
    fn next_turn(&self, due_until_ms: i64) -> Option<PartitionId> {
        let has_ready = |tracker: &&Tracker| tracker.has_ready(due_until_ms);
        let from_first = || self.trackers.values().find(has_ready);
        let next = match self.turn {
            None => from_first(),
            Some(last) => {
                let mut after = self
                    .trackers
                    .range((Excluded(last), Unbounded))
                    .map(|(_, tracker)| tracker);
                after.find(has_ready).or_else(from_first)
            }
        };
        next.map(|tracker| tracker.id)
    }
}
