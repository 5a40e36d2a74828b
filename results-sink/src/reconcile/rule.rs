//! The reconciler's rule: when is it certain that a submission waits nowhere?
//!
//! Pure: it is told what was read from the cluster, and in which order. The proof that the rule is sound stands in
//! `docs/design/delivery.md`.

use std::collections::BTreeMap;

use kafka::{Extent, TopicPartition};
use seeded::Bug;

/// What groups have committed; none where a group has committed nothing.
pub(super) type Frontiers = BTreeMap<TopicPartition, Option<i64>>;

/// What partitions hold.
pub(super) type Extents = BTreeMap<TopicPartition, Extent>;

/// Follows what lay below the lanes' frontiers at one moment through every topic it may have been handed on to.
#[derive(Debug)]
pub(super) struct Wave {
    /// The lanes' frontiers when it began. What lies below was done: its successor was acknowledged before.
    below: BTreeMap<TopicPartition, i64>,
    /// What the rooms held when this round began: every copy that the wave waits for lies in it.
    rooms: Extents,
    /// Hops that a copy may still have made.
    rounds_left: usize,
}

/// What a look at the rooms came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// So many partitions hold records from before this round that are not done.
    Waiting(usize),
    /// All of them are done, but may have been handed on once more: look again.
    NextRound,
    /// Nothing of the wave waits in any room.
    Over,
}

impl Wave {
    /// `lanes` must have been read before `rooms`; `topics` is the number of topics that are rooms.
    pub(super) fn begin(lanes: &Frontiers, rooms: Extents, topics: usize) -> Self {
        let frontier = |offset: Option<i64>| match seeded::bug(Bug::NoReconcilerRule) {
            true => Some(i64::MAX),
            false => offset,
        };
        let committed = lanes
            .iter()
            .filter_map(|(partition, offset)| Some((partition.clone(), frontier(*offset)?)));
        Self {
            below: committed.collect(),
            rooms,
            rounds_left: topics,
        }
    }

    /// `frontiers` of the rooms must have been read before `now`, and both after the round began.
    pub(super) fn look(&mut self, frontiers: &Frontiers, now: Extents) -> Look {
        let waiting = self.rooms.iter().filter(|(partition, extent)| {
            let frontier = frontiers.get(partition).copied().flatten();
            extent.start < extent.end && frontier.is_none_or(|frontier| frontier < extent.end)
        });
        let waiting = waiting.count();
        if seeded::bug(Bug::NoReconcilerRule) {
            return Look::Over;
        }
        if waiting > 0 {
            return Look::Waiting(waiting);
        }
        let ends = |extents: &Extents| -> BTreeMap<TopicPartition, i64> {
            let ends = extents
                .iter()
                .map(|(one, extent)| (one.clone(), extent.end));
            ends.collect()
        };
        self.rounds_left = self.rounds_left.saturating_sub(1);
        // Nothing was appended to any room meanwhile: what was done was handed on to none of them.
        if self.rounds_left == 0 || ends(&self.rooms) == ends(&now) {
            return Look::Over;
        }
        self.rooms = now;
        Look::NextRound
    }

    /// Below these offsets of the lanes nothing waits any more, once the wave is over.
    pub(super) fn below(&self) -> &BTreeMap<TopicPartition, i64> {
        &self.below
    }
}

/// Whether a reader of these positions has read what the partitions held.
pub(super) fn has_read(
    positions: &std::collections::HashMap<TopicPartition, i64>,
    extents: &Extents,
) -> bool {
    extents.iter().all(|(partition, extent)| {
        extent.end == 0
            || positions
                .get(partition)
                .is_some_and(|&next| next >= extent.end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> TopicPartition {
        TopicPartition::new("submissions", 0)
    }

    fn room(name: &str) -> TopicPartition {
        TopicPartition::new(name, 0)
    }

    fn extents(ends: &[(&str, i64)]) -> Extents {
        let extent = |end| Extent { start: 0, end };
        let extents = ends.iter().map(|(name, end)| (room(name), extent(*end)));
        extents.collect()
    }

    fn frontiers(committed: &[(&str, i64)]) -> Frontiers {
        let committed = committed.iter();
        let frontiers = committed.map(|(name, offset)| (room(name), Some(*offset)));
        frontiers.collect()
    }

    fn begin(rooms: Extents) -> Wave {
        Wave::begin(&Frontiers::from([(lane(), Some(7))]), rooms, 2)
    }

    #[test]
    fn where_nothing_is_committed_nothing_is_below() {
        let wave = Wave::begin(&Frontiers::from([(lane(), None)]), Extents::new(), 1);
        assert_eq!(wave.below(), &BTreeMap::new());
    }

    #[test]
    fn empty_rooms_end_a_wave_at_once() {
        let mut wave = begin(extents(&[("overflow", 0), ("retry", 0)]));
        let look = wave.look(&Frontiers::new(), extents(&[("overflow", 0), ("retry", 0)]));
        assert_eq!(look, Look::Over);
        assert_eq!(wave.below(), &BTreeMap::from([(lane(), 7)]));
    }

    #[test]
    fn a_copy_that_waits_in_a_room_holds_the_wave() {
        let rooms = extents(&[("overflow", 3), ("retry", 0)]);
        let mut wave = begin(rooms.clone());
        for committed in [&[][..], &[("overflow", 2)]] {
            let look = wave.look(&frontiers(committed), rooms.clone());
            assert_eq!(look, Look::Waiting(1));
        }
        let look = wave.look(&frontiers(&[("overflow", 3)]), rooms);
        assert_eq!(look, Look::Over);
    }

    #[test]
    fn a_copy_that_was_handed_on_meanwhile_is_followed() {
        let mut wave = begin(extents(&[("overflow", 1), ("retry", 0)]));
        // Done in one room because it went to the next.
        let now = extents(&[("overflow", 1), ("retry", 1)]);
        let look = wave.look(&frontiers(&[("overflow", 1)]), now.clone());
        assert_eq!(look, Look::NextRound);
        let look = wave.look(&frontiers(&[("overflow", 1)]), now.clone());
        assert_eq!(look, Look::Waiting(1));
        let look = wave.look(&frontiers(&[("overflow", 1), ("retry", 1)]), now);
        assert_eq!(look, Look::Over);
    }

    #[test]
    fn a_room_that_is_never_quiet_ends_a_wave_after_as_many_rounds_as_there_are_rooms() {
        let mut wave = begin(extents(&[("overflow", 10), ("retry", 0)]));
        let look = wave.look(
            &frontiers(&[("overflow", 12)]),
            extents(&[("overflow", 15)]),
        );
        assert_eq!(look, Look::NextRound);
        let look = wave.look(
            &frontiers(&[("overflow", 16)]),
            extents(&[("overflow", 20)]),
        );
        assert_eq!(look, Look::Over);
    }

    #[test]
    fn records_that_expired_wait_nowhere() {
        let expired = Extent { start: 9, end: 9 };
        let rooms = Extents::from([(room("parked"), expired)]);
        let mut wave = begin(rooms.clone());
        assert_eq!(wave.look(&Frontiers::new(), rooms), Look::Over);
    }

    #[test]
    fn a_reader_has_read_what_there_was_when_every_position_has_come_so_far() {
        let there = extents(&[("verdicts", 5), ("submissions", 0)]);
        let at = |offset| std::collections::HashMap::from([(room("verdicts"), offset)]);
        assert!(has_read(&at(5), &there));
        assert!(!has_read(&at(4), &there));
        assert!(!has_read(&std::collections::HashMap::new(), &there));
    }
}
