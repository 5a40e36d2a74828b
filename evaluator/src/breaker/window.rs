//! How many records ended lately, and how many of them as dead letters.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Parts of the window that leave it together: it forgets in steps, and its memory has a bound.
const SLICES: u32 = 30;

/// Counts over the last so many seconds.
#[derive(Debug)]
pub(super) struct Window {
    length: Duration,
    slices: VecDeque<Slice>,
}

#[derive(Debug)]
struct Slice {
    began: Instant,
    counts: Counts,
}

/// How records ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// All, dead letters included.
    pub(super) ended: u32,
    pub(super) dead_letters: u32,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        Self {
            length,
            slices: VecDeque::new(),
        }
    }

    pub(super) fn note(&mut self, dead_letter: bool, now: Instant) {
        let slice_length = self.length / SLICES;
        let current = |slice: &&mut Slice| now.duration_since(slice.began) < slice_length;
        if self.slices.back_mut().filter(current).is_none() {
            self.slices.push_back(Slice {
                began: now,
                counts: Counts::default(),
            });
        }
        if let Some(slice) = self.slices.back_mut() {
            slice.counts.ended += 1;
            slice.counts.dead_letters += u32::from(dead_letter);
        }
    }

    pub(super) fn counts(&mut self, now: Instant) -> Counts {
        let length = self.length;
        let over = |slice: &Slice| now.duration_since(slice.began) >= length;
        while self.slices.front().is_some_and(over) {
            self.slices.pop_front();
        }
        let add = |sum: Counts, slice: &Slice| Counts {
            ended: sum.ended + slice.counts.ended,
            dead_letters: sum.dead_letters + slice.counts.dead_letters,
        };
        self.slices.iter().fold(Counts::default(), add)
    }

    pub(super) fn clear(&mut self) {
        self.slices.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_further_back_than_the_window_counts_no_more() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut window = Window::new(Duration::from_secs(60));
        for second in 0..120 {
            window.note(second % 2 == 0, at(second));
        }
        let lately = window.counts(at(119));
        assert!((58..=60).contains(&lately.ended), "{lately:?}");
        assert_eq!(lately.dead_letters, lately.ended / 2);
        assert!(window.slices.len() <= SLICES as usize + 1);
        assert_eq!(window.counts(at(300)), Counts::default());
    }
}
