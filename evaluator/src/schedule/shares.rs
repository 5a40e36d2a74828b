//! What each lane may have of the slots.

use super::LaneKind;

/// Weights of the lanes, and what is kept from bulk. May change while the evaluator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Share of the CPU-seconds of the interactive lane while other lanes wait too. At least 1, like the others.
    pub interactive: u32,
    /// Of what other evaluators handed over.
    pub overflow: u32,
    /// Of rejudges and batches.
    pub bulk: u32,
    /// Hundredths of the slots that bulk work leaves free for the other lanes, rounded to whole slots.
    pub reserved_percent: u32,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            interactive: 4,
            overflow: 2,
            bulk: 1,
            reserved_percent: 10,
        }
    }
}

impl Shares {
    pub(super) fn weight(&self, lane: LaneKind) -> u32 {
        match lane {
            LaneKind::Interactive => self.interactive,
            LaneKind::Overflow => self.overflow,
            LaneKind::Bulk => self.bulk,
        }
    }

    /// How many of so many slots bulk may have at a time: at least one, or it would starve.
    pub(super) fn bulk_slots(&self, slots: usize) -> usize {
        let percent = self.reserved_percent.min(100) as usize;
        let reserved = (slots * percent + 50) / 100;
        (slots - reserved).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_rounded_to_whole_slots_and_leaves_bulk_at_least_one() {
        let shares = Shares::default();
        let left = [1, 2, 4, 5, 8, 16, 64].map(|slots| shares.bulk_slots(slots));
        assert_eq!(left, [1, 2, 4, 4, 7, 14, 58]);
        let all = Shares {
            reserved_percent: 100,
            ..shares
        };
        assert_eq!(all.bulk_slots(8), 1);
    }
}
