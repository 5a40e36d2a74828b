//! What happened around a run: what its times cannot tell by themselves.

use std::iter::Sum;
use std::ops::Add;
use std::time::Duration;

/// What the host and the program did to a run's times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// How long the first process was ready to run and had no core.
    pub ready: Duration,
    /// Wall time in which nothing of the tree ran and its first process was not ready to: sleeping, or waiting for a
    /// disk or a pipe. Nothing for a tree that kept several cores busy.
    pub idle: Duration,
    /// How often a process or thread of the tree gave its core away.
    pub voluntary_switches: u64,
    /// How often the kernel took the core of one away.
    pub involuntary_switches: u64,
    /// Periods in which a CPU quota above the run stopped what is under it.
    pub throttled_periods: u64,
    /// How long such a quota stopped it.
    pub throttled: Duration,
    /// What the hypervisor took meanwhile from a core that the run could use, on average over these.
    pub stolen: Duration,
}

impl Add for Conditions {
    type Output = Conditions;

    fn add(self, other: Conditions) -> Conditions {
        Conditions {
            ready: self.ready + other.ready,
            idle: self.idle + other.idle,
            voluntary_switches: self.voluntary_switches + other.voluntary_switches,
            involuntary_switches: self.involuntary_switches + other.involuntary_switches,
            throttled_periods: self.throttled_periods + other.throttled_periods,
            throttled: self.throttled + other.throttled,
            stolen: self.stolen + other.stolen,
        }
    }
}

impl Sum for Conditions {
    fn sum<I: Iterator<Item = Conditions>>(all: I) -> Conditions {
        all.fold(Conditions::default(), Add::add)
    }
}
