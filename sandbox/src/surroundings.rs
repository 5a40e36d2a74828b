//! What takes time or processes away from a run without being part of it: groups above it, and the hypervisor.

use std::time::Duration;

use crate::cgroup::{Above, Quotas, Throttling};
use crate::sandbox::Host;
use crate::steal::stolen;
use crate::user_limit;

/// What it was like around a run before it began.
pub(crate) struct Surroundings<'a> {
    quotas: &'a Quotas,
    above: &'a Above,
    /// The only processor the run may use, if there is one.
    core: Option<usize>,
    throttling: Throttling,
    stolen: Duration,
    refusals: u64,
}

impl<'a> Surroundings<'a> {
    /// An account that cannot be read stays at nothing: a run is not spoiled by knowing less about it.
    pub(crate) fn look(host: &'a Host, core: Option<usize>) -> Surroundings<'a> {
        let Host { quotas, above, .. } = host;
        Surroundings {
            quotas,
            above,
            core,
            refusals: above.refusals(),
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
        let now = self.quotas.throttling().unwrap_or_default();
        let throttling = Throttling {
            periods: now.periods.saturating_sub(self.throttling.periods),
            time: now.time.saturating_sub(self.throttling.time),
        };
        let stolen = stolen(self.core).unwrap_or_default();
        let stolen = stolen.saturating_sub(self.stolen);
        (throttling, stolen / self.processors())
    }

    /// Whether a group above has refused anybody a fork since.
    pub(crate) fn has_refused_forks(&self) -> bool {
        self.above.refusals() > self.refusals
    }

    /// The limit on processes above the run that leaves least, as words.
    pub(crate) fn narrowest(&self) -> String {
        let rooms = self.above.rooms().chain(user_limit::room());
        match rooms.min_by_key(|room| room.processes) {
            Some(room) => room.limit,
            None => "a limit on processes that cannot be seen from here".to_owned(),
        }
    }
}

/// Asked once: the answer takes a walk through the control groups.
fn processors() -> u32 {
    static COUNT: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let count = || std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    *COUNT.get_or_init(count)
}
