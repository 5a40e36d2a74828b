//! Which commit is next, and what becomes of it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::super::tracker::{Mode, Snapshot, Tracker, Urgency};
use super::super::{Event, PartitionId};
use super::{Assignment, CommitLine};

/// How often a clean commit is tried, a commit interval apart: a group that is still settling its
/// new assignment refuses commits for a moment, and without a clean one all that runs becomes suspect.
const CLEAN_TRIES: u32 = 60;

/// Partitions on their way out.
#[derive(Debug)]
pub(super) struct Leaving {
    ids: Vec<PartitionId>,
    /// Clean commits that failed.
    failures: u32,
}

/// The one outstanding commit.
#[derive(Debug)]
pub(super) struct InFlight {
    mode: Mode,
    sent_at: Instant,
    snapshots: BTreeMap<PartitionId, Snapshot>,
}

impl Assignment {
    /// Leaves partitions in order: they are closed, and the next commit is their last, with the clean mark.
    pub(in crate::consumer) fn leave(&mut self, ids: Vec<PartitionId>) {
        self.close(&ids);
        self.leaving = Some(Leaving { ids, failures: 0 });
    }

    /// Whether no commit is outstanding, and the partitions being left have their clean one or will never get it.
    pub(in crate::consumer) fn is_settled(&self) -> bool {
        self.in_flight.is_none() && self.leaving.is_none()
    }

    /// What to commit now, if anything: one commit for all partitions that have something to say.
    pub(in crate::consumer) fn due_commit(&mut self, now: Instant) -> Option<Vec<CommitLine>> {
        if self.in_flight.is_some() {
            return None;
        }
        if let Some(leaving) = &self.leaving {
            if leaving.failures > 0 && !self.is_rested(now) {
                return None;
            }
            let ids = leaving.ids.clone();
            let lines = self.build_commit(now, &ids, Mode::Clean);
            if lines.is_none() {
                self.leaving = None;
            }
            return lines;
        }
        if !self.is_due(now) {
            return None;
        }
        let wanting = self
            .urgencies()
            .filter(|(_, urgency)| *urgency > Urgency::None);
        let ids: Vec<PartitionId> = wanting.map(|(id, _)| id).collect();
        self.build_commit(now, &ids, Mode::Going)
    }

    /// Whether [`due_commit`](Self::due_commit) would give a commit of partitions we keep.
    pub(in crate::consumer) fn is_due(&self, now: Instant) -> bool {
        let rested = self.is_rested(now);
        match self.urgencies().map(|(_, urgency)| urgency).max() {
            Some(Urgency::Now) => rested || !self.cautious,
            Some(Urgency::Soon) => rested,
            Some(Urgency::None) | None => false,
        }
    }

    /// The outstanding commit came back: the log holds all of it, or it may hold any part of it.
    pub(in crate::consumer) fn commit_returned(&mut self, now: Instant, stored: bool) {
        let Some(in_flight) = self.in_flight.take() else {
            return;
        };
        for (id, snapshot) in &in_flight.snapshots {
            let Some(tracker) = self.trackers.get_mut(id) else {
                continue;
            };
            if stored {
                let granted = tracker.acknowledged(snapshot);
                self.outbox
                    .extend(granted.into_iter().map(|token| Event::Granted { token }));
            } else {
                tracker.not_acknowledged(snapshot);
            }
        }
        self.cautious = !stored;
        if stored {
            self.counters.commits += 1;
            let latency = now.duration_since(in_flight.sent_at);
            self.counters.commit_latency = Some(latency);
            self.counters.commit_time += latency;
        } else {
            self.counters.commit_failures += 1;
        }
        if in_flight.mode == Mode::Clean {
            self.clean_returned(stored);
        }
        self.deliver();
    }

    fn clean_returned(&mut self, stored: bool) {
        if let Some(leaving) = &mut self.leaving {
            leaving.failures += u32::from(!stored);
            if stored || leaving.failures == CLEAN_TRIES {
                self.leaving = None;
            }
        }
    }

    /// Whether the last commit was sent an interval ago.
    fn is_rested(&self, now: Instant) -> bool {
        self.committed_at
            .is_none_or(|at| now.duration_since(at) >= self.commit_interval)
    }

    fn urgencies(&self) -> impl Iterator<Item = (PartitionId, Urgency)> {
        let ahead = self.ready_ahead;
        let credit = self.sum(Tracker::ready) < ahead;
        let urgency = move |tracker: &Tracker| (tracker.id, tracker.urgency(ahead, credit));
        self.trackers.values().map(urgency)
    }

    fn build_commit(
        &mut self,
        now: Instant,
        ids: &[PartitionId],
        mode: Mode,
    ) -> Option<Vec<CommitLine>> {
        let mut snapshots = BTreeMap::new();
        for id in ids {
            if let Some(tracker) = self.trackers.get_mut(id)
                && let Some(snapshot) = tracker.snapshot(mode, self.ready_ahead)
            {
                snapshots.insert(*id, snapshot);
            }
        }
        if snapshots.is_empty() {
            return None;
        }
        let line = |(id, snapshot): (&PartitionId, &Snapshot)| {
            (*id, snapshot.frontier, snapshot.metadata.clone())
        };
        let lines = snapshots.iter().map(line).collect();
        self.in_flight = Some(InFlight {
            mode,
            sent_at: now,
            snapshots,
        });
        self.committed_at = Some(now);
        Some(lines)
    }
}
