//! The limits of a package, with what it left open filled in.

use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// Limits of a submission and of the package's own programs.
#[derive(Clone, Debug, PartialEq)]
pub struct PackageLimits {
    /// CPU time of one case; `None` = to be computed from the jury submissions.
    pub time: Option<Duration>,
    /// Slowest accepted × this ≤ limit.
    pub ac_to_time_limit: f64,
    /// Limit × this ≤ fastest too slow.
    pub time_limit_to_tle: f64,
    /// A computed limit is a multiple of this (and at least one).
    pub time_resolution: Duration,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// stdout + stderr (+ files) in bytes.
    pub output_bytes: u64,
    /// Sum of the submitted files in bytes, include files not counted.
    pub code_bytes: u64,
    /// Compiler: wall-clock time it is guaranteed.
    pub compilation_time: Duration,
    /// Compiler: memory in bytes.
    pub compilation_memory_bytes: u64,
    /// Validator: time for one case.
    pub validation_time: Duration,
    /// Validator: memory in bytes.
    pub validation_memory_bytes: u64,
    /// Validator: its output and feedback in bytes.
    pub validation_output_bytes: u64,
}

impl PackageLimits {
    /// What a package gets that says nothing; the multipliers differ between the formats.
    pub(super) fn defaults(ac_to_time_limit: f64, time_limit_to_tle: f64) -> Self {
        Self {
            time: None,
            ac_to_time_limit,
            time_limit_to_tle,
            time_resolution: Duration::from_secs(1),
            memory_bytes: 2048 * MIB,
            output_bytes: 8 * MIB,
            code_bytes: 128 * 1024,
            compilation_time: Duration::from_secs(60),
            compilation_memory_bytes: 2048 * MIB,
            validation_time: Duration::from_secs(60),
            validation_memory_bytes: 2048 * MIB,
            validation_output_bytes: 8 * MIB,
        }
    }
}
