//! The limits of a package, with what it left open filled in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::error::PackageError;
use super::fields::Fields;
use super::time_limit;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// An upper bound that keeps sums far from overflow: a pebibyte.
const MAX_BYTES: u64 = 1 << 50;

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
    /// The keys of `limits` that the package wrote, with their lines in `problem.yaml`. The rest are
    /// defaults, which a host may lower.
    pub given: BTreeMap<&'static str, usize>,
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
            code_bytes: 128 * KIB,
            compilation_time: Duration::from_secs(60),
            compilation_memory_bytes: 2048 * MIB,
            validation_time: Duration::from_secs(60),
            validation_memory_bytes: 2048 * MIB,
            validation_output_bytes: 8 * MIB,
            given: BTreeMap::new(),
        }
    }

    /// The limits on a host with so much memory: what the package left open is at most half of it,
    /// because the judge itself lives there too.
    #[must_use]
    pub fn on_host(&self, memory_bytes: u64) -> Self {
        let mut limits = self.clone();
        for (key, slot) in [
            ("memory", &mut limits.memory_bytes),
            ("compilation_memory", &mut limits.compilation_memory_bytes),
            ("validation_memory", &mut limits.validation_memory_bytes),
        ] {
            if !self.given.contains_key(key) {
                *slot = (memory_bytes / 2).min(*slot);
            }
        }
        limits
    }

    /// Reads the keys that both formats have, with the same units.
    pub(super) fn read_common(&mut self, limits: &mut Fields) -> Result<(), PackageError> {
        for (key, unit, slot) in [
            ("memory", MIB, &mut self.memory_bytes),
            ("output", MIB, &mut self.output_bytes),
            ("code", KIB, &mut self.code_bytes),
            (
                "compilation_memory",
                MIB,
                &mut self.compilation_memory_bytes,
            ),
            ("validation_memory", MIB, &mut self.validation_memory_bytes),
            ("validation_output", MIB, &mut self.validation_output_bytes),
        ] {
            if let Some(bytes) = limits.amount(key, unit, MAX_BYTES)? {
                *slot = bytes;
                self.given.insert(key, limits.line(key).unwrap_or(1));
            }
        }
        for (key, slot) in [
            ("compilation_time", &mut self.compilation_time),
            ("validation_time", &mut self.validation_time),
        ] {
            if let Some(seconds) = limits.number(key, 0.001, time_limit::MAX_SECONDS)? {
                *slot = Duration::from_secs_f64(seconds);
                self.given.insert(key, limits.line(key).unwrap_or(1));
            }
        }
        Ok(())
    }
}

/// Those of a 2025-09 package that says nothing.
impl Default for PackageLimits {
    fn default() -> Self {
        Self::defaults(2.0, 1.5)
    }
}
