//! Which offsets are done: a bitmap over a window that slides with the frontier.
//!
//! Offset `o` has bit `o mod window`. Bits outside `base..base + window` do not exist: below the
//! base everything is done, at its end nothing is. Marking costs one bit, and the frontier moves by
//! counting ones a word at a time, so the whole life of an offset is O(1) and allocates nothing.

/// The done bits of one partition, from its frontier up.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    /// The frontier: the lowest offset that is not done. Its own bit is never set.
    base: i64,
    words: Box<[u64]>,
}

impl Ring {
    /// Nothing done from `base` up. `window` is a power of two, at least 64.
    pub(super) fn new(base: i64, window: usize) -> Self {
        debug_assert!(window.is_power_of_two() && window >= 64);
        Self {
            base,
            words: vec![0; window / 64].into_boxed_slice(),
        }
    }

    /// The lowest offset that is not done.
    pub(super) fn base(&self) -> i64 {
        self.base
    }

    /// First offset above the window.
    pub(super) fn end(&self) -> i64 {
        self.base + self.window()
    }

    /// Whether the offset is done.
    pub(super) fn is_done(&self, offset: i64) -> bool {
        if offset < self.base {
            return true;
        }
        if offset >= self.end() {
            return false;
        }
        let (word, bit) = self.place(offset);
        self.words[word] & bit != 0
    }

    /// Marks one offset below [`end`](Self::end) and moves the frontier over everything done.
    pub(super) fn mark(&mut self, offset: i64) {
        self.set(offset);
        self.advance();
    }

    /// Marks a gap in the log. Its end may lie above the window only if nothing below it is open.
    pub(super) fn mark_gap(&mut self, from: i64, to: i64) {
        if from <= self.base && to >= self.end() {
            self.words.fill(0);
            self.base = to;
            return;
        }
        for offset in from.max(self.base)..to {
            self.set(offset);
        }
        self.advance();
    }

    /// The done bits above the frontier: bit `i` (least first) is offset `base + 1 + i`. Trailing zeros are cut.
    pub(super) fn bits(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.words.len() * 8);
        for chunk in 0..self.words.len() {
            bytes.extend(
                self.word_from(self.base + 1 + 64 * chunk as i64)
                    .to_le_bytes(),
            );
        }
        // The last bit read is the base's own, one turn later: it is never set.
        let kept = bytes
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);
        bytes.truncate(kept);
        bytes
    }

    /// Marks the bits of [`bits`](Self::bits), as far as the window reaches.
    pub(super) fn mark_bits(&mut self, bytes: &[u8]) {
        let first = self.base + 1;
        let end = self.end();
        for (index, byte) in bytes.iter().enumerate() {
            for bit in (0..8).filter(|bit| byte & (1 << bit) != 0) {
                let offset = first + 8 * index as i64 + bit;
                if offset < end {
                    self.set(offset);
                }
            }
        }
    }

    fn window(&self) -> i64 {
        64 * self.words.len() as i64
    }

    fn place(&self, offset: i64) -> (usize, u64) {
        let index = offset.rem_euclid(self.window()) as usize;
        (index / 64, 1 << (index % 64))
    }

    fn set(&mut self, offset: i64) {
        if offset >= self.base {
            debug_assert!(offset < self.end());
            let (word, bit) = self.place(offset);
            self.words[word] |= bit;
        }
    }

    fn advance(&mut self) {
        loop {
            let index = self.base.rem_euclid(self.window()) as usize;
            let (word, shift) = (index / 64, index % 64);
            let ones = (self.words[word] >> shift).trailing_ones() as usize;
            if ones == 0 {
                return;
            }
            let run = if ones == 64 {
                u64::MAX
            } else {
                (1 << ones) - 1
            };
            self.words[word] &= !(run << shift);
            self.base += ones as i64;
        }
    }

    /// 64 bits from any offset, across the seam of two words.
    fn word_from(&self, offset: i64) -> u64 {
        let index = offset.rem_euclid(self.window()) as usize;
        let (word, shift) = (index / 64, index % 64);
        let low = self.words[word] >> shift;
        if shift == 0 {
            return low;
        }
        low | self.words[(word + 1) % self.words.len()] << (64 - shift)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_frontier_stays_at_the_lowest_open_offset() {
        let mut ring = Ring::new(10, 64);
        ring.mark(12);
        ring.mark(11);
        assert_eq!(ring.base(), 10);
        ring.mark(10);
        assert_eq!(ring.base(), 13);
        assert!(!ring.is_done(13) && ring.is_done(12));
    }

    #[test]
    fn the_frontier_crosses_words_and_the_seam_of_the_ring() {
        let mut ring = Ring::new(100, 128);
        for offset in (101..228).rev() {
            ring.mark(offset);
        }
        assert_eq!(ring.base(), 100);
        ring.mark(100);
        assert_eq!(ring.base(), 228);
        assert_eq!(ring.bits(), Vec::<u8>::new());
    }

    #[test]
    fn a_gap_wider_than_the_window_moves_an_idle_frontier() {
        let mut ring = Ring::new(0, 64);
        ring.mark_gap(0, 1_000_000);
        assert_eq!(ring.base(), 1_000_000);
        assert!(!ring.is_done(1_000_000));
    }

    #[test]
    fn bits_beyond_a_smaller_window_are_left_out() {
        let mut wide = Ring::new(5, 256);
        wide.mark(6);
        wide.mark(200);
        let mut narrow = Ring::new(5, 64);
        narrow.mark_bits(&wide.bits());
        assert!(narrow.is_done(6));
        assert!(!narrow.is_done(200));
        assert_eq!(narrow.bits(), [1]);
    }

    proptest! {
        #[test]
        fn the_ring_agrees_with_a_set(start in 0_i64..1000, steps in prop::collection::vec((0_i64..128, any::<bool>()), 1..300)) {
            let mut ring = Ring::new(start, 128);
            let mut done = BTreeSet::new();
            let mut base = start;
            for (step, gap) in steps {
                let offset = base + step;
                if gap {
                    ring.mark_gap(base, offset);
                    done.extend(base..offset);
                } else {
                    ring.mark(offset);
                    done.insert(offset);
                }
                while done.contains(&base) { base += 1; }
                prop_assert_eq!(ring.base(), base);
                for probe in base - 2..base + 130 {
                    prop_assert_eq!(ring.is_done(probe), probe < base || done.contains(&probe));
                }
                let mut copy = Ring::new(base, 128);
                copy.mark_bits(&ring.bits());
                prop_assert_eq!(copy.words, ring.words.clone());
            }
        }
    }
}
