//! Judges the jury submissions of a package and compares with what they should get.
//!
//! **Invariant:** the judge is handed neutral sources; the expectation is read after the verdict.

use std::time::Duration;

use sandbox::Cancel;

use crate::decide::under_lower_limit;
use crate::grade::Stop;
use crate::package::{JurySubmission, Package};
use crate::time_limit::neutral_source;
use crate::worker::{Rules, Worker};
use crate::{CaseResult, Fault, Judgement, NearLimit, Verdict};

/// What came of one jury submission.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Path below `submissions/`.
    pub submission: String,
    /// The language it was judged as.
    pub language: String,
    /// The verdicts it may get.
    pub expected: Vec<Verdict>,
    /// The judgement, at the package's time limit.
    pub judgement: Judgement,
    /// Where the two differ, as sentences; empty = it agrees.
    pub disagreements: Vec<String>,
}

impl Verified {
    /// Whether it got what it should.
    pub fn is_ok(&self) -> bool {
        self.disagreements.is_empty()
    }
}

/// How far the jury submissions are from the time limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Margins {
    /// The slowest case that must be within the limit, and whose it was.
    pub slowest_accepted: Option<(Duration, String)>,
    /// The fastest of the submissions that must be over it, by its slowest case. It was ended at limit × margin, so it may be slower.
    pub fastest_too_slow: Option<(Duration, String)>,
    /// What is tighter than the package's own multipliers ask for.
    pub warnings: Vec<String>,
}

/// The result of verifying a package.
#[derive(Clone, Debug)]
pub struct VerifyReport {
    /// The time limit that was used.
    pub time_limit: Duration,
    /// One entry per jury submission, in the package's order.
    pub submissions: Vec<Verified>,
    /// How far they are from the limit.
    pub margins: Margins,
}

impl VerifyReport {
    /// Whether all agree.
    pub fn is_ok(&self) -> bool {
        self.submissions.iter().all(Verified::is_ok)
    }
}

/// Judges every jury submission of `package`; `on_verified` hears of each as it is done.
pub fn verify(
    worker: &mut Worker,
    package: &Package,
    cancel: &Cancel,
    on_verified: &mut dyn FnMut(&Verified),
) -> Result<VerifyReport, Fault> {
    let time_limit = worker.time_limit(package, cancel)?;
    let mut report = VerifyReport {
        time_limit,
        submissions: Vec::with_capacity(package.submissions.len()),
        margins: Margins::default(),
    };
    for submission in &package.submissions {
        let mut judgement = judge_with_margin(worker, package, submission, time_limit, cancel)?;
        report
            .margins
            .add(submission, &judgement, package, time_limit);
        judgement.at_limit(time_limit);
        let verified = Verified {
            submission: submission.path.clone(),
            language: judgement.language.clone(),
            expected: submission.expectation.verdicts.clone(),
            disagreements: submission.expectation.disagreements(&judgement),
            judgement,
        };
        on_verified(&verified);
        report.submissions.push(verified);
    }
    Ok(report)
}

/// Judges under the limit times its safety margin, so that one run tells both the verdict and how far from the limit it is.
fn judge_with_margin(
    worker: &mut Worker,
    package: &Package,
    submission: &JurySubmission,
    time_limit: Duration,
    cancel: &Cancel,
) -> Result<Judgement, Fault> {
    // Once a case was too slow even for that, nothing more is to be learnt, and a hundred such cases would take minutes.
    let rules = Rules {
        time_limit: Some(time_limit.mul_f64(package.limits.time_limit_to_tle)),
        near_limit: NearLimit::OFF,
        stop: Stop::AtTimeLimit,
    };
    let source = neutral_source(submission)?;
    worker.judge_by(rules, package, &source, cancel, &mut |_| {})
}

impl Judgement {
    /// The same measurements, decided under a lower limit.
    fn at_limit(&mut self, time_limit: Duration) {
        self.time_limit = time_limit;
        for case in &mut self.cases {
            under_lower_limit(case, time_limit);
        }
        self.cpu = self
            .cases
            .iter()
            .map(|case| case.cpu)
            .max()
            .unwrap_or_default();
        let failed = |case: &&CaseResult| case.verdict != Verdict::Accepted;
        if let Some(first) = self.cases.iter().find(failed) {
            self.verdict = first.verdict;
            self.reason.clone_from(&first.reason);
        }
    }
}

impl Margins {
    /// Takes in a judgement under the limit times its safety margin.
    fn add(
        &mut self,
        submission: &JurySubmission,
        judgement: &Judgement,
        package: &Package,
        time_limit: Duration,
    ) {
        let expectation = &submission.expectation;
        let slowest = |covers: &dyn Fn(&str) -> bool| {
            let cases = judgement.cases.iter().filter(|case| covers(&case.name));
            // How long it went on after the validator had ended it says nothing.
            let cases = cases.filter(|case| !case.ended_by_validator);
            cases.map(|case| case.cpu).max()
        };
        if let Some(time) = slowest(&|case| expectation.is_lower_bound(case)) {
            if time.mul_f64(package.limits.ac_to_time_limit) > time_limit {
                self.warnings.push(format!(
                    "{}: {time:?} × {} is over the limit",
                    submission.path, package.limits.ac_to_time_limit
                ));
            }
            let entry = Some((time, submission.path.clone()));
            self.slowest_accepted = self.slowest_accepted.take().max(entry);
        }
        for rule in expectation.upper_bounds() {
            let Some(time) = slowest(&|case| rule.covers(case)) else {
                continue;
            };
            let mut cases = judgement.cases.iter();
            if !cases.any(|case| case.verdict == Verdict::TimeLimit && rule.covers(&case.name)) {
                self.warnings.push(format!(
                    "{}: {time:?} is within {} × the limit",
                    submission.path, package.limits.time_limit_to_tle
                ));
            }
            let entry = (time, submission.path.clone());
            self.fastest_too_slow = Some(match self.fastest_too_slow.take() {
                Some(fastest) => fastest.min(entry),
                None => entry,
            });
        }
    }
}
