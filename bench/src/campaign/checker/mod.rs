//! What should be, computed from the log and the load's list alone, against what is.
//!
//! Pure functions of the evidence: each is tested with evidence that lies.

mod analytics;
mod derived;
#[cfg(test)]
mod fixture;
mod recorded;
mod repeated;
mod truth;

use super::evidence::Evidence;

pub(super) use repeated::{Repeated, repeated};

/// What kind of harm a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Something accepted has no verdict recorded.
    Lost,
    /// An effect is there more often than once.
    Double,
    /// Anything else that is not as the log says.
    Wrong,
}

/// One thing that should be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) harm: Harm,
    /// What, in words, with all that is needed to look for it in the logs.
    pub(super) what: String,
}

impl Finding {
    fn new(harm: Harm, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { harm, what }
    }
}

/// Everything that does not hold.
pub(super) fn check(evidence: &Evidence) -> Vec<Finding> {
    let checks = [
        recorded::every_acknowledged_submission_has_its_row,
        recorded::every_row_is_the_first_verdict,
        recorded::nothing_was_asked_for_again,
        truth::every_verdict_is_true,
        truth::only_killers_are_judge_errors,
        derived::counters_are_as_the_log_says,
        derived::divergences_are_as_the_log_says,
        derived::the_outbox_is_empty,
        derived::latest_is_as_the_log_says,
        analytics::facts_are_as_the_log_says,
        repeated::repeated_work_is_bounded,
    ];
    checks.iter().flat_map(|check| check(evidence)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_in_order_has_no_findings() {
        assert_eq!(check(&fixture::evidence()), []);
    }
}
