//! What a partition commits, when, and what an acknowledged commit unlocks.

use seeded::Bug;

use super::super::Token;
use super::super::config::MAX_WINDOW;
use super::super::metadata::{Hint, MAX_HINTS, Metadata};
use super::{Stage, Tracker};

/// How a partition stands with the log.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The first commit of this assignment is acknowledged.
    pub(super) opened: bool,
    /// Acknowledged start horizon: fresh records below it may start.
    pub(super) horizon: i64,
    /// Horizon of the last commit sent. The log may hold it, acknowledged or not, so it never falls.
    pub(super) horizon_sent: i64,
    /// Below it, what is not done is a suspect.
    pub(super) suspects_below: i64,
    /// Something a commit would say is not in the last one sent.
    pub(super) changed: bool,
    /// Fresh records handed out since the last commit was built.
    pub(super) exposed: usize,
    /// Fresh records handed out between two commits, lately.
    pub(super) pace: usize,
}

/// What a commit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::consumer) enum Mode {
    /// We keep the partition.
    Going,
    /// We leave in order: the last commit of this assignment.
    Clean,
}

/// How much a commit is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::consumer) enum Urgency {
    /// Nothing to say.
    None,
    /// At the next turn.
    Soon,
    /// Something waits for it.
    Now,
}

/// One commit of one partition: what is written, and what its acknowledgement will unlock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::consumer) struct Snapshot {
    pub(in crate::consumer) epoch: u64,
    /// The offset to commit.
    pub(in crate::consumer) frontier: i64,
    pub(in crate::consumer) metadata: String,
    horizon: i64,
    /// Suspects whose start it grants.
    named: Vec<i64>,
}

impl Tracker {
    /// How much this partition wants a commit. `ahead` is how far the horizon should lie before the
    /// next fresh record; `credit` says whether one more could be handed out.
    pub(in crate::consumer) fn urgency(&self, ahead: usize, credit: bool) -> Urgency {
        if !self.known || self.closing {
            return Urgency::None;
        }
        let progress = &self.commit;
        let headroom = progress.horizon_sent - self.cursor();
        let starved = headroom <= 0 && !self.queue.is_empty() && credit;
        if !progress.opened || self.wishes > 0 || starved {
            Urgency::Now
        } else if progress.changed || headroom < (ahead + progress.pace) as i64 {
            Urgency::Soon
        } else {
            Urgency::None
        }
    }

    /// Builds the next commit; `None` while the position is unknown.
    pub(in crate::consumer) fn snapshot(&mut self, mode: Mode, ahead: usize) -> Option<Snapshot> {
        if !self.known {
            return None;
        }
        let named = match mode {
            Mode::Going => {
                self.raise_horizon(ahead);
                self.choose_named()
            }
            Mode::Clean => Vec::new(),
        };
        self.commit.changed = false;
        let mut metadata = Metadata {
            frontier: self.ring.base(),
            clean: mode == Mode::Clean,
            horizon: self.commit.horizon_sent,
            suspects_below: self.commit.suspects_below,
            hints: self.hints(&named),
            done: self.ring.bits(),
        };
        if seeded::bug(Bug::CommitHighest) {
            (metadata.frontier, metadata.hints, metadata.done) = (self.next, vec![], vec![]);
        }
        Some(Snapshot {
            epoch: self.epoch,
            frontier: metadata.frontier,
            metadata: metadata.encode(),
            horizon: self.commit.horizon_sent,
            named,
        })
    }

    /// The log holds the snapshot. Returns the starts it grants.
    pub(in crate::consumer) fn acknowledged(&mut self, snapshot: &Snapshot) -> Vec<Token> {
        if snapshot.epoch != self.epoch {
            return Vec::new();
        }
        self.commit.opened = true;
        self.commit.horizon = self.commit.horizon.max(snapshot.horizon);
        let mut granted = Vec::new();
        // What is closing grants nothing: its clean commit will say that these wait.
        let named = if self.closing {
            &[][..]
        } else {
            &snapshot.named
        };
        for &offset in named {
            let Some(entry) = self.entries.get_mut(&offset) else {
                continue;
            };
            if let Stage::Suspect {
                crashed,
                wish: Some(wish),
            } = entry.stage
            {
                entry.stage = Stage::Running {
                    crashed,
                    alone: wish.alone,
                    deadline_ms: wish.deadline_ms,
                    taken: false,
                };
                self.wishes -= 1;
                self.suspects_out -= 1;
                granted.push(self.token(offset));
            }
        }
        granted
    }

    /// The log may or may not hold the snapshot: say it all again.
    pub(in crate::consumer) fn not_acknowledged(&mut self, snapshot: &Snapshot) {
        if snapshot.epoch == self.epoch {
            self.commit.changed = true;
        }
    }

    /// Offset of the next fresh record to hand out.
    fn cursor(&self) -> i64 {
        self.queue.front().map_or(self.next, |record| record.offset)
    }

    /// Raises the horizon by what the time until the next two commits may start, going by the recent pace.
    fn raise_horizon(&mut self, ahead: usize) {
        let progress = &mut self.commit;
        progress.pace = progress
            .exposed
            .max(progress.pace - progress.pace.div_ceil(4));
        progress.exposed = 0;
        let margin = (2 * progress.pace + ahead).min(MAX_WINDOW / 2) as i64;
        let wanted = self.cursor() + margin;
        self.commit.horizon_sent = self.commit.horizon_sent.max(wanted);
    }

    /// Which wishes this commit names: as many as leave room for every count that must not be lost.
    fn choose_named(&self) -> Vec<i64> {
        if self.wishes == 0 {
            return Vec::new();
        }
        let counted = |stage: &Stage| stage.must_be_named();
        let mut room = MAX_HINTS
            - self
                .entries
                .values()
                .filter(|entry| counted(&entry.stage))
                .count()
                .min(MAX_HINTS);
        let mut named = Vec::new();
        for (&offset, entry) in &self.entries {
            if !matches!(entry.stage, Stage::Suspect { wish: Some(_), .. }) {
                continue;
            }
            if !counted(&entry.stage) {
                if room == 0 {
                    continue;
                }
                room -= 1;
            }
            named.push(offset);
        }
        named
    }

    /// The hints, in order; where there are too many, those whose loss only repeats work are left out.
    fn hints(&self, named: &[i64]) -> Vec<Hint> {
        let is_named = |offset: i64| named.binary_search(&offset).is_ok();
        let must = |offset: i64, stage: &Stage| is_named(offset) || stage.must_be_named();
        let entries = || {
            self.entries
                .iter()
                .map(|(&offset, entry)| (offset, entry.stage))
        };
        let musts = entries()
            .filter(|(offset, stage)| must(*offset, stage))
            .count();
        let mut spare = MAX_HINTS.saturating_sub(musts);
        let mut hints = Vec::new();
        for (offset, stage) in entries() {
            let Some(hint) = stage.hint(offset, is_named(offset)) else {
                continue;
            };
            if !must(offset, &stage) {
                if spare == 0 {
                    continue;
                }
                spare -= 1;
            }
            hints.push(hint);
        }
        hints.truncate(MAX_HINTS);
        hints
    }
}
