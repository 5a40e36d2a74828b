//! Where the time of a run goes.

use std::time::Duration;

/// The phases of one run, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// The keeper's work before the run was asked for: clearing the place of the last one away.
    pub clearing: Duration,
    /// The keeper's work before the run was asked for: preparing this one's place, up to the fork of its init.
    pub preparing: Duration,
    /// Opening streams and mounts, and waiting for the place if it was not ready.
    pub asking: Duration,
    /// From the request until the program is executed: mounts of the caller, streams, resource limits.
    pub starting: Duration,
    /// The program, from exec to its end.
    pub running: Duration,
    /// Until nothing of its tree is left.
    pub ending: Duration,
    /// Reading the accounts.
    pub accounting: Duration,
}

impl Phases {
    /// Their names, and how long each took.
    pub fn all(&self) -> [(&'static str, Duration); 7] {
        [
            ("clearing", self.clearing),
            ("preparing", self.preparing),
            ("asking", self.asking),
            ("starting", self.starting),
            ("running", self.running),
            ("ending", self.ending),
            ("accounting", self.accounting),
        ]
    }
}
