//! How much CPU time the present run of a box has used, for somebody who watches from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// CPU time of a box's present or last run, as of the supervisor's last look; clones show the same.
///
/// Between two looks lie milliseconds, so it lags behind. [`crate::Outcome::cpu`] is exact.
#[derive(Clone, Debug, Default)]
pub struct CpuMeter {
    nanos: Arc<AtomicU64>,
}

impl CpuMeter {
    /// What was used at the last look.
    #[must_use]
    pub fn used(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }

    pub(crate) fn show(&self, used: Duration) {
        let nanos = u64::try_from(used.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.store(nanos, Ordering::Relaxed);
    }
}
