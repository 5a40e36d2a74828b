//! What goes out next: credits, turns, and room in the channel.

use std::ops::Bound::{Excluded, Unbounded};

use super::super::tracker::Tracker;
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

    /// Hands out all that credits and the channel allow.
    pub(in crate::consumer) fn deliver(&mut self) {
        let events = self.events.clone();
        let mut ready = self.ready_ahead.saturating_sub(self.sum(Tracker::ready));
        let mut suspects = self
            .suspect_limit()
            .saturating_sub(self.sum(Tracker::suspects_out));
        while let Ok(permit) = events.try_reserve() {
            let Some(event) = self.next_event(&mut ready, &mut suspects) else {
                return;
            };
            permit.send(event);
        }
    }

    fn suspect_limit(&self) -> usize {
        self.ready_ahead.max(SUSPECTS_OUT)
    }

    fn next_event(&mut self, ready: &mut usize, suspects: &mut usize) -> Option<Event> {
        if let Some(event) = self.outbox.pop_front() {
            return Some(event);
        }
        let mut trackers = self.trackers.values_mut();
        if let Some(event) = trackers.find_map(Tracker::take_attention) {
            return Some(event);
        }
        if *suspects > 0
            && let Some(event) = self.trackers.values_mut().find_map(Tracker::take_suspect)
        {
            *suspects -= 1;
            return Some(event);
        }
        if *ready == 0 {
            return None;
        }
        *ready -= 1;
        let id = self.next_turn()?;
        self.turn = Some(id);
        self.trackers.get_mut(&id)?.take_ready()
    }

    /// The next partition after the last one that has a record ready: all get their turn.
    fn next_turn(&self) -> Option<PartitionId> {
        let has_ready = |tracker: &&Tracker| tracker.has_ready();
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
