//! What takes time away from a run without being part of it: CPU quotas above it, and the hypervisor.

use std::time::Duration;

use crate::cgroup::{Quotas, Throttling};
use crate::steal::stolen;

/// What it was like around a run before it began.
pub(crate) struct Surroundings<'a> {
    quotas: &'a Quotas,
    /// The only processor the run may use, if there is one.
    core: Option<usize>,
    throttling: Throttling,
    stolen: Duration,
}

impl<'a> Surroundings<'a> {
    /// An account that cannot be read stays at nothing: a run is not spoiled by knowing less about it.
    pub(crate) fn look(quotas: &'a Quotas, core: Option<usize>) -> Surroundings<'a> {
        Surroundings {
            quotas,
            core,
            throttling: quotas.throttling().unwrap_or_default(),
            stolen: stolen(core).unwrap_or_default(),
        }
    }

    /// How many processors the run can keep busy.
    pub(crate) fn processors(&self) -> u32 {
        self.core.map_or_else(processors, |_| 1)
    }

    /// What has happened since: throttling, and steal from one processor on average.
    pub(crate) fn changes(&self) -> (Throttling, Duration) {
        let now = Surroundings::look(self.quotas, self.core);
        let throttling = Throttling {
            periods: now
                .throttling
                .periods
                .saturating_sub(self.throttling.periods),
            time: now.throttling.time.saturating_sub(self.throttling.time),
        };
        let stolen = now.stolen.saturating_sub(self.stolen);
        (throttling, stolen / self.processors())
    }
}

/// Asked once: the answer takes a walk through the control groups.
fn processors() -> u32 {
    static COUNT: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let count = || std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    *COUNT.get_or_init(count)
}
