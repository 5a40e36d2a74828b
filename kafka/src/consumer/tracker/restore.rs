//! How a partition begins: what the former owner's metadata says of each record.

use std::collections::{BTreeMap, VecDeque};

use seeded::Bug;

use super::super::PartitionId;
use super::super::metadata::{Hint, HintState, MAX_CRASHED, Metadata};
use super::super::ring::Ring;
use super::commit::Progress;
use super::{Entry, Stage, Tracker};

impl Tracker {
    /// A partition with its committed offset and metadata, or without any.
    ///
    /// A partition never committed starts wherever its log starts: its first record tells. Nothing
    /// can be committed before that, or a restart could find its offset below the log.
    pub(in crate::consumer) fn new(
        id: PartitionId,
        epoch: u64,
        window: usize,
        committed: Option<(i64, &str)>,
    ) -> Self {
        let mut tracker = Self {
            id,
            epoch,
            window,
            known: false,
            ring: Ring::new(0, window),
            next: 0,
            queue: VecDeque::new(),
            parked: VecDeque::new(),
            entries: BTreeMap::new(),
            attention: VecDeque::new(),
            suspects: VecDeque::new(),
            bytes: 0,
            ready: 0,
            suspects_out: 0,
            wishes: 0,
            closing: false,
            paused: false,
            refetched: 0,
            commit: Progress::default(),
        };
        if let Some((offset, metadata)) = committed {
            tracker.start_at(offset);
            if let Some(metadata) = Metadata::decode(metadata, offset) {
                tracker.restore(&metadata);
            }
        }
        tracker
    }

    /// Offset to fetch from; `None` is the beginning of the log.
    pub(in crate::consumer) fn start(&self) -> Option<i64> {
        self.known.then_some(self.next)
    }

    pub(super) fn start_at(&mut self, offset: i64) {
        self.known = true;
        self.ring = Ring::new(offset, self.window);
        self.next = offset;
        self.commit.horizon_sent = offset;
        self.commit.horizon = offset;
        self.commit.suspects_below = offset;
    }

    fn restore(&mut self, metadata: &Metadata) {
        self.ring.mark_bits(&metadata.done);
        for hint in &metadata.hints {
            if !self.ring.is_done(hint.offset) {
                let stage = stage_after(hint, metadata.clean);
                self.entries.insert(hint.offset, Entry::awaited(stage));
            }
        }
        // Our own commits must not hide what the former owner may have started.
        self.commit.horizon_sent = metadata.horizon;
        // Nobody ended the former owner's commits with a clean mark: whatever it may have started is suspect.
        self.commit.suspects_below = match metadata.clean || seeded::bug(Bug::NoStartHorizon) {
            true => metadata.suspects_below,
            false => metadata.suspects_below.max(metadata.horizon),
        };
    }
}

/// What became of a named record when its owner went.
fn stage_after(hint: &Hint, clean: bool) -> Stage {
    let Hint {
        crashed,
        deadline_ms,
        ..
    } = *hint;
    let once_more = (crashed + 1).min(MAX_CRASHED);
    match (hint.state, clean) {
        (HintState::Running | HintState::Alone, true) => Stage::Held {
            crashed,
            deadline_ms,
        },
        (HintState::Running, false) => Stage::Suspect {
            crashed: once_more,
            wish: None,
        },
        (HintState::Alone, false) => Stage::Convicted { crashed: once_more },
        (HintState::Waiting, _) => Stage::Suspect {
            crashed,
            wish: None,
        },
        (HintState::Convicted, _) => Stage::Convicted { crashed },
    }
}
