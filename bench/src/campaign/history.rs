//! What befell the evaluators, and which of their completions a successor may not have known of.
//!
//! A killed evaluator costs what its slots ran and what completed since its last acknowledged commit. One that is frozen or cut off
//! from the cluster for longer than its session costs the same, and what it goes on completing until it learns of it.

use std::collections::BTreeMap;
use std::time::Duration;

/// The longest wait before a change is committed when nothing waits for the commit, and how late a busy host is.
const COMMIT_SLACK_MS: i64 = 50 + 200;
/// How long members and leaders may need to find together after a fault of the cluster.
const SETTLING_MS: i64 = 20_000;

/// A time in which completions of one host, or of all, may have to be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disruption {
    /// None: every evaluator.
    pub(super) host: Option<String>,
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
    /// Slots whose work may be lost or done twice.
    pub(super) slots: usize,
}

/// Everything that was done to the installation.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) disruptions: Vec<Disruption>,
    /// Faults by kind.
    pub(super) faults: BTreeMap<&'static str, u32>,
    /// SIGKILLs of ours.
    pub(super) kills: u32,
    /// Evaluators that died of a planted submission.
    pub(super) planted_deaths: u32,
    /// Processes that ended by themselves, by their role: allowed, for somebody starts them again.
    pub(super) gave_up: BTreeMap<String, u32>,
    /// Members that did not leave when they were asked to.
    pub(super) stuck: Vec<String>,
}

impl History {
    pub(super) fn count(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// An evaluator died at this time, found a little later.
    pub(super) fn death(&mut self, host: &str, at_ms: i64, round_trip: Duration, slots: usize) {
        self.disrupt(Some(host), at_ms, at_ms, round_trip, slots);
    }

    /// An evaluator stood still in this time.
    pub(super) fn frozen(&mut self, host: &str, from_ms: i64, until_ms: i64, slots: usize) {
        self.disrupt(
            Some(host),
            from_ms,
            until_ms + SETTLING_MS,
            Duration::ZERO,
            slots,
        );
    }

    /// The cluster, or a line to it, was in trouble in this time: commits may have failed, sessions may have ended.
    pub(super) fn trouble(&mut self, from_ms: i64, until_ms: i64, slots_of_all: usize) {
        self.disrupt(
            None,
            from_ms,
            until_ms + SETTLING_MS,
            Duration::ZERO,
            slots_of_all,
        );
    }

    fn disrupt(
        &mut self,
        host: Option<&str>,
        from_ms: i64,
        until_ms: i64,
        round_trip: Duration,
        slots: usize,
    ) {
        let round_trip_ms = i64::try_from(round_trip.as_millis()).unwrap_or(i64::MAX);
        self.disruptions.push(Disruption {
            host: host.map(str::to_owned),
            from_ms: from_ms - round_trip_ms - COMMIT_SLACK_MS,
            until_ms,
            slots,
        });
    }
}
