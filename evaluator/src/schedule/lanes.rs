//! A fixed-weight round-robin over queues.

use std::collections::VecDeque;

/// Queues served in proportion to their weights; an empty queue saves up no turns.
#[derive(Debug)]
pub(super) struct Lanes<K> {
    lanes: Vec<Lane<K>>,
}

#[derive(Debug)]
struct Lane<K> {
    weight: u32,
    credit: i64,
    waiting: VecDeque<K>,
}

impl<K: PartialEq> Lanes<K> {
    pub(super) fn new(weights: &[u32]) -> Self {
        let lane = |&weight| Lane {
            weight,
            credit: 0,
            waiting: VecDeque::new(),
        };
        Self {
            lanes: weights.iter().map(lane).collect(),
        }
    }

    pub(super) fn push(&mut self, lane: usize, key: K) {
        self.lanes[lane].waiting.push_back(key);
    }

    /// The next key with its lane: every waiting lane earns its weight, the richest is served and pays what all earned,
    /// which spreads the turns of a heavy lane instead of bunching them.
    pub(super) fn pop(&mut self) -> Option<(K, usize)> {
        let mut earned = 0;
        for lane in self
            .lanes
            .iter_mut()
            .filter(|lane| !lane.waiting.is_empty())
        {
            lane.credit += i64::from(lane.weight);
            earned += i64::from(lane.weight);
        }
        let (index, richest) = self
            .lanes
            .iter_mut()
            .enumerate()
            .rev()
            .filter(|(_, lane)| !lane.waiting.is_empty())
            .max_by_key(|(_, lane)| lane.credit)?;
        richest.credit -= earned;
        let key = richest.waiting.pop_front()?;
        if richest.waiting.is_empty() {
            richest.credit = 0;
        }
        Some((key, index))
    }

    /// Takes a waiting key out again; false when it was not waiting.
    pub(super) fn remove(&mut self, key: &K) -> bool {
        for lane in &mut self.lanes {
            if let Some(at) = lane.waiting.iter().position(|waiting| waiting == key) {
                lane.waiting.remove(at);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(lanes: &mut Lanes<char>, count: usize) -> String {
        let keys = std::iter::from_fn(|| lanes.pop()).map(|(key, _)| key);
        keys.take(count).collect()
    }

    #[test]
    fn lanes_are_served_by_weight_and_interleaved() {
        let mut lanes = Lanes::new(&[4, 1]);
        for _ in 0..8 {
            lanes.push(0, 'i');
            lanes.push(1, 'b');
        }
        assert_eq!(served(&mut lanes, 10), "iibiiiibii");
    }

    #[test]
    fn a_lane_alone_gets_every_turn_and_owes_nothing_for_it() {
        let mut lanes = Lanes::new(&[4, 1]);
        for _ in 0..20 {
            lanes.push(1, 'b');
        }
        assert_eq!(served(&mut lanes, 15), "b".repeat(15));
        for _ in 0..4 {
            lanes.push(0, 'i');
        }
        assert_eq!(served(&mut lanes, 5), "iibii");
    }

    #[test]
    fn a_removed_key_is_never_served() {
        let mut lanes = Lanes::new(&[1]);
        lanes.push(0, 'a');
        lanes.push(0, 'b');
        assert!(lanes.remove(&'a'));
        assert!(!lanes.remove(&'a'));
        assert_eq!(served(&mut lanes, 9), "b");
    }
}
