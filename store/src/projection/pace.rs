//! How long to wait: after failures, and to stay below a rate.

use std::time::Duration;

use tokio::time::Instant;

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

    pub(super) async fn wait(&mut self) {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST_WAIT);
        tokio::time::sleep(wait).await;
    }
}

/// Keeps the average rate below a bound.
pub(super) struct Pace {
    seconds_per_record: Option<f64>,
    free_at: Instant,
}

impl Pace {
    pub(super) fn new(max_rate: Option<u32>) -> Self {
        let seconds_per_record = max_rate.map(|rate| 1.0 / f64::from(rate.max(1)));
        Self {
            seconds_per_record,
            free_at: Instant::now(),
        }
    }

    /// Sleeps off what these records cost beyond the time already spent.
    pub(super) async fn spend(&mut self, records: usize) {
        let Some(seconds) = self.seconds_per_record else {
            return;
        };
        let cost = Duration::from_secs_f64(seconds * records as f64);
        self.free_at = self.free_at.max(Instant::now()) + cost;
        tokio::time::sleep_until(self.free_at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_bounded_pace_takes_its_time_and_an_unbounded_one_none() {
        let start = Instant::now();
        Pace::new(None).spend(1_000_000).await;
        assert_eq!(start.elapsed(), Duration::ZERO);

        let mut pace = Pace::new(Some(100));
        pace.spend(50).await;
        pace.spend(50).await;
        assert_eq!(start.elapsed().as_millis(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_double_up_to_a_bound_and_start_again_after_success() {
        let mut backoff = Backoff::new();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let start = Instant::now();
            backoff.wait().await;
            waits.push(start.elapsed().as_millis());
        }
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        backoff.reset();
        let start = Instant::now();
        backoff.wait().await;
        assert_eq!(start.elapsed().as_millis(), 100);
    }
}
