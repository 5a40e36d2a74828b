//! How far a measured time can be trusted: what happened around a run, and the runs of a case that ran again.

use serde::{Deserialize, Serialize};

use crate::VerdictCode;

/// How sure a verdict is, as far as it hangs on a time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Certainty {
    /// Nobody said: a record of an older version, or no program ran.
    #[default]
    Unknown,
    /// No run came near the time limit, or it was passed by far.
    Sure,
    /// All runs agree, and the time that decided is near the limit.
    NearLimit,
    /// Runs disagree, or the host disturbed those that decided.
    Unsure,
}

/// What the host and the program did to a time, beside the time itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Conditions {
    /// Ready to run, and no core was free, in milliseconds.
    pub ready_ms: i32,
    /// Neither running nor ready: sleeping, or waiting for a disk or a pipe, in milliseconds.
    pub idle_ms: i32,
    /// The program gave its core away.
    pub voluntary_switches: i32,
    /// The kernel took the core away.
    pub involuntary_switches: i32,
    /// Periods in which a CPU quota of a container or service stopped it.
    pub throttled_periods: i32,
    /// How long, in milliseconds.
    pub throttled_ms: i32,
    /// What the hypervisor took from a core that it could use, on average over these, in milliseconds.
    pub stolen_ms: i32,
}

/// One run of a case that ran more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CaseRun {
    /// What this run alone would have given.
    pub verdict: VerdictCode,
    /// CPU time, in milliseconds.
    pub cpu_ms: i64,
    /// Wall time, in milliseconds.
    pub wall_ms: i64,
    /// What happened around it.
    pub conditions: Conditions,
}
