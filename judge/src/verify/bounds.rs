//! The time limit against what the jury submissions need: which inequality of the format holds, and by how much.

use std::time::Duration;

use super::Finding;
use super::submission::{counted, slowest};
use crate::decide::{IDLE, WALL_LIMIT, limit_of_wall};
use crate::package::{JurySubmission, Package, Rule};
use crate::{CaseResult, Judgement, Verdict};

/// How far the jury submissions are from the time limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Margins {
    /// The slowest case that must be within the limit.
    pub slowest_accepted: Option<Bound>,
    /// The fastest of the submissions that must be over it, by its slowest case. It was ended at limit × margin, so it may be slower.
    pub fastest_too_slow: Option<Bound>,
    /// The lowest limit that leaves every submission its room.
    pub lowest_limit: Option<Duration>,
    /// The highest limit that keeps every slow one out. Those that were ended may be slower still.
    pub highest_limit: Option<Duration>,
}

/// A run that bounds the limit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    /// The lowest time limit that would have let it run to where it ended.
    time: Duration,
    /// Which clock says so.
    pub clock: Clock,
    /// CPU time.
    pub cpu: Duration,
    /// Time by the wall clock.
    pub wall: Duration,
    /// Path of the submission below `submissions/`.
    pub submission: String,
}

/// What a time limit is counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// The CPU time of all its processes.
    Cpu,
    /// It slept or waited until the wall limit that goes with the time limit ended it.
    Wall,
}

impl Bound {
    fn new(case: &CaseResult, submission: &JurySubmission) -> Bound {
        let code = case.reason.as_ref().map(|reason| reason.code.as_str());
        let clock = match code {
            Some(IDLE | WALL_LIMIT) => Clock::Wall,
            _ => Clock::Cpu,
        };
        let time = match clock {
            Clock::Cpu => case.cpu,
            Clock::Wall => limit_of_wall(case.wall).max(case.cpu),
        };
        Bound {
            time,
            clock,
            cpu: case.cpu,
            wall: case.wall,
            submission: submission.path.clone(),
        }
    }

    /// The slowest of the cases that a rule covers.
    fn slowest(judgement: &Judgement, rule: &Rule, submission: &JurySubmission) -> Option<Bound> {
        counted(judgement, &|case| rule.covers(case))
            .map(|case| Bound::new(case, submission))
            .max()
    }
}

/// Takes in judgements and keeps what they say of the limit.
pub(super) struct Bounds<'a> {
    package: &'a Package,
    time_limit: Duration,
    pub(super) margins: Margins,
    broken: Vec<Finding>,
}

impl<'a> Bounds<'a> {
    pub(super) fn new(package: &'a Package, time_limit: Duration) -> Bounds<'a> {
        Bounds {
            package,
            time_limit,
            margins: Margins::default(),
            broken: Vec::new(),
        }
    }

    /// Whether a submission needs more room than the limit leaves it.
    pub(super) fn leaves_too_little_room(
        &self,
        submission: &JurySubmission,
        judgement: &Judgement,
    ) -> bool {
        let expectation = &submission.expectation;
        // Elsewhere it is a warning, which is not worth a second run.
        self.is_strict()
            && slowest(judgement, &|case| expectation.is_lower_bound(case))
                .is_some_and(|time| self.least(time) > self.time_limit)
    }

    /// 2025-09 makes the inequalities part of a package. In the formats before it they only say how a limit is computed.
    fn is_strict(&self) -> bool {
        self.package.format_version == "2025-09"
    }

    fn least(&self, time: Duration) -> Duration {
        time.mul_f64(self.package.limits.ac_to_time_limit)
    }

    /// Takes in a judgement under the limit times its safety margin, and the same at the limit.
    pub(super) fn add(&mut self, submission: &JurySubmission, high: &Judgement, at: &Judgement) {
        for rule in &submission.expectation.rules {
            if rule.lower_bound {
                self.add_lower(submission, rule, high);
            }
            if rule.upper_bound {
                self.add_upper(submission, rule, high);
            }
        }
        let told = |judgement: &Judgement| match judgement.score {
            Some(score) => format!("{} with {score}", judgement.verdict),
            None => judgement.verdict.to_string(),
        };
        if (high.verdict, high.score) != (at.verdict, at.score)
            && submission.expectation.upper_bounds().next().is_none()
        {
            let message = format!(
                "is sensitive to the time limit: {} at {} ms, {} at {} ms",
                told(at),
                at.time_limit.as_millis(),
                told(high),
                high.time_limit.as_millis(),
            );
            let file = format!("submissions/{}", submission.path);
            self.broken.push(Finding::warning(file, message));
        }
    }

    /// `limit ≥ time × ac_to_time_limit`.
    fn add_lower(&mut self, submission: &JurySubmission, rule: &Rule, high: &Judgement) {
        let Some(bound) = Bound::slowest(high, rule, submission) else {
            return;
        };
        let time = bound.time;
        let least = self.least(time);
        let margins = &mut self.margins;
        margins.slowest_accepted = margins.slowest_accepted.take().max(Some(bound));
        margins.lowest_limit = margins.lowest_limit.max(Some(least));
        if least > self.time_limit {
            let message = format!(
                "needs {} ms, which × {} is {} ms: over the time limit of {} ms (bound by {})",
                time.as_millis(),
                self.package.limits.ac_to_time_limit,
                least.as_millis(),
                self.time_limit.as_millis(),
                rule.said_by,
            );
            self.add_broken(submission, message);
        }
    }

    /// `limit × time_limit_to_tle ≤ time`.
    fn add_upper(&mut self, submission: &JurySubmission, rule: &Rule, high: &Judgement) {
        let Some(bound) = Bound::slowest(high, rule, submission) else {
            return;
        };
        let time = bound.time;
        let factor = self.package.limits.time_limit_to_tle;
        let most = time.div_f64(factor);
        let margins = &mut self.margins;
        margins.fastest_too_slow = Some(match margins.fastest_too_slow.take() {
            Some(fastest) => fastest.min(bound),
            None => bound,
        });
        margins.highest_limit = Some(margins.highest_limit.map_or(most, |limit| limit.min(most)));
        let mut cases = high.cases.iter();
        if !cases.any(|case| case.verdict == Verdict::TimeLimit && rule.covers(&case.name)) {
            let message = format!(
                "takes {} ms at most, which is within {factor} × the time limit of {} ms (bound by {})",
                time.as_millis(),
                self.time_limit.as_millis(),
                rule.said_by,
            );
            self.add_broken(submission, message);
        }
    }

    fn add_broken(&mut self, submission: &JurySubmission, message: String) {
        let file = format!("submissions/{}", submission.path);
        self.broken
            .push(if self.package.format_version == "2025-09" {
                Finding::error(file, message)
            } else {
                Finding::warning(file, message)
            });
    }

    /// All that is wrong with the limit.
    pub(super) fn findings(&mut self) -> Vec<Finding> {
        let mut findings = std::mem::take(&mut self.broken);
        if self.margins.slowest_accepted.is_none() {
            let message = "no jury submission bounds the time limit from below";
            findings.push(if self.is_strict() {
                Finding::error("submissions", message)
            } else {
                Finding::warning("submissions", message)
            });
        }
        findings
    }
}
