//! How long to wait: after failures, and to stay below a rate. Tells; does not sleep.

use std::time::{Duration, Instant};

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Waits that double from failure to failure.
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: FIRST_WAIT }
    }

    pub(super) fn reset(&mut self) {
        self.next = FIRST_WAIT;
    }

    /// The wait after one more failure.
    pub(super) fn next_wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST_WAIT);
        wait
    }
}

/// Keeps the average rate below a bound.
pub(super) struct Pace {
    record_takes: Duration,
    free_at: Instant,
}

impl Pace {
    pub(super) fn new(max_rate: Option<u32>, now: Instant) -> Self {
        let record_takes =
            max_rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1));
        Self {
            record_takes,
            free_at: now,
        }
    }

    /// How long to wait after these records; time already spent on them counts.
    pub(super) fn wait_after(&mut self, records: usize, now: Instant) -> Duration {
        let cost = self
            .record_takes
            .saturating_mul(u32::try_from(records).unwrap_or(u32::MAX));
        self.free_at = (self.free_at + cost).max(now);
        self.free_at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_pace_counts_the_time_already_spent() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut pace = Pace::new(Some(100), start);
        assert_eq!(pace.wait_after(50, start), second / 2);
        assert_eq!(pace.wait_after(100, start + second), second / 2);
        assert_eq!(pace.wait_after(100, start + 10 * second), Duration::ZERO);
    }

    #[test]
    fn an_unbounded_pace_never_waits() {
        let start = Instant::now();
        assert_eq!(
            Pace::new(None, start).wait_after(1_000_000, start),
            Duration::ZERO
        );
    }

    #[test]
    fn waits_double_up_to_a_bound_and_start_again_after_success() {
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..8).map(|_| backoff.next_wait().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        backoff.reset();
        assert_eq!(backoff.next_wait(), FIRST_WAIT);
    }
}
