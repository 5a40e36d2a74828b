//! One jury submission: judged once under the limit times its safety margin, and decided again at the limit itself.

use std::time::Duration;

use super::Verification;
use super::bounds::Bounds;
use crate::decide::under_lower_limit;
use crate::grade::Stop;
use crate::package::{Grading, JurySubmission, Objective, Package, Share};
use crate::time_limit::neutral_source;
use crate::worker::Rules;
use crate::{CaseResult, Fault, Judgement, NearLimit, Verdict};

/// What came of one jury submission.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Path below `submissions/`.
    pub submission: String,
    /// The language it was judged as, or is said to be in.
    pub language: String,
    /// The verdicts it may get.
    pub expected: Vec<Verdict>,
    /// The judgement, at the package's time limit. None where its language is not available here, or a program of the package failed.
    pub judgement: Option<Judgement>,
    /// Why it was not judged, where its language is not available here.
    pub unavailable: Option<String>,
    /// Where it differs from what it should get, as sentences; empty = it agrees.
    pub disagreements: Vec<String>,
}

impl Verified {
    /// Whether it got what it should.
    pub fn is_ok(&self) -> bool {
        self.disagreements.is_empty()
    }

    /// The verdict as a word; a program of the package that failed makes a judge error.
    pub fn verdict(&self) -> Option<&'static str> {
        match (&self.judgement, &self.unavailable) {
            (Some(judgement), _) => Some(judgement.verdict.code()),
            (None, Some(_)) => None,
            (None, None) => Some("JE"),
        }
    }

    fn of(submission: &JurySubmission) -> Verified {
        Verified {
            submission: submission.path.clone(),
            language: submission.language.clone().unwrap_or_default(),
            expected: submission.expectation.verdicts.clone(),
            judgement: None,
            unavailable: None,
            disagreements: Vec::new(),
        }
    }
}

impl Verification<'_> {
    pub(super) fn check_submission(
        &mut self,
        submission: &JurySubmission,
        time_limit: Duration,
        bounds: &mut Bounds<'_>,
    ) -> Result<Verified, Fault> {
        let mut verified = Verified::of(submission);
        let judged = self.judge_again_if_tight(submission, time_limit, bounds);
        match judged {
            Ok(judgement) => match unknown_language(&judgement, submission) {
                Some(why) => self.pass_over(&mut verified, why),
                None => {
                    verified.language.clone_from(&judgement.language);
                    verified.disagreements = disagreements(self.package, submission, &judgement);
                    verified.judgement = Some(judgement);
                }
            },
            Err(fault @ Fault::NotAvailable { .. }) => {
                self.pass_over(&mut verified, fault.to_string());
            }
            Err(fault @ (Fault::Validator { .. } | Fault::Grading { .. })) => {
                verified.disagreements.push(fault.to_string());
            }
            Err(fault) => return Err(fault),
        }
        Ok(verified)
    }

    fn pass_over(&self, verified: &mut Verified, why: String) {
        if !self.options.skip_unavailable {
            verified.disagreements.push(why.clone());
        }
        verified.unavailable = Some(why);
    }

    /// What disturbs a run can only add to its time, so a time that leaves too little room is measured again before it is believed.
    fn judge_again_if_tight(
        &mut self,
        submission: &JurySubmission,
        time_limit: Duration,
        bounds: &mut Bounds<'_>,
    ) -> Result<Judgement, Fault> {
        let mut high = self.judge_with_margin(submission, time_limit)?;
        for _ in 0..2 {
            if !bounds.leaves_too_little_room(submission, &high) {
                break;
            }
            let again = self.judge_with_margin(submission, time_limit)?;
            if again.verdict == high.verdict && again.cpu < high.cpu {
                high = again;
            }
        }
        let mut judgement = high.clone();
        judgement.time_limit = time_limit;
        for case in &mut judgement.cases {
            under_lower_limit(case, time_limit);
        }
        let times = judgement.cases.iter().map(|case| case.cpu);
        judgement.cpu = times.max().unwrap_or_default();
        if !judgement.cases.is_empty() {
            self.worker
                .grade_again(self.package, STOP, &mut judgement, self.cancel)?;
        }
        bounds.add(submission, &high, &judgement);
        Ok(judgement)
    }

    fn judge_with_margin(
        &mut self,
        submission: &JurySubmission,
        time_limit: Duration,
    ) -> Result<Judgement, Fault> {
        let package = self.package;
        let rules = Rules {
            time_limit: Some(time_limit.mul_f64(package.limits.time_limit_to_tle)),
            near_limit: NearLimit::OFF,
            stop: STOP,
        };
        let source = neutral_source(submission)?;
        self.worker
            .judge_by(rules, package, &source, self.cancel, &mut |_| {})
    }
}

/// Once a case was too slow even with the margin, nothing more is to be learnt, and a hundred such cases would take minutes.
const STOP: Stop = Stop::AtTimeLimit;

/// A language that nobody here has heard of is no compile error, unless the package expects one.
fn unknown_language(judgement: &Judgement, submission: &JurySubmission) -> Option<String> {
    let expected = &submission.expectation.verdicts;
    let why = judgement.unknown_language();
    why.filter(|_| !expected.contains(&Verdict::CompileError))
}

/// Where a judgement differs from what was expected, by rule, and by the share of the score.
fn disagreements(
    package: &Package,
    submission: &JurySubmission,
    judgement: &Judgement,
) -> Vec<String> {
    let expectation = &submission.expectation;
    let mut disagreements = expectation.disagreements(judgement);
    let (Some(score), Some(best)) = (judgement.score, best_score(package)) else {
        return disagreements;
    };
    let is_best = (score - best).abs() <= 1e-9 * best.abs().max(1.0);
    let directory = submission.path.split('/').next().unwrap_or_default();
    match expectation.share {
        Share::Full if !is_best => disagreements.push(format!(
            "got {score} points, submissions/{directory} promises all {best}"
        )),
        Share::Partial if is_best && judgement.verdict == Verdict::Accepted => {
            disagreements.push(format!(
                "got all {best} points, submissions/{directory} promises less"
            ));
        }
        _ => {}
    }
    disagreements
}

/// The best score of a legacy package, where its range says so.
fn best_score(package: &Package) -> Option<f64> {
    let Grading::Legacy { range, .. } = package.groups.grading else {
        return None;
    };
    let best = match package.objective {
        Objective::Max => range.1,
        Objective::Min => range.0,
    };
    best.is_finite().then_some(best)
}

/// The slowest of the cases that a rule covers.
pub(super) fn slowest(judgement: &Judgement, covers: &dyn Fn(&str) -> bool) -> Option<Duration> {
    counted(judgement, covers).map(|case| case.cpu).max()
}

/// The cases that a rule covers and whose times say something: not how long one went on after the validator had ended it.
pub(super) fn counted<'a>(
    judgement: &'a Judgement,
    covers: &'a dyn Fn(&str) -> bool,
) -> impl Iterator<Item = &'a CaseResult> {
    let cases = judgement.cases.iter();
    cases.filter(|case| covers(&case.name) && !case.ended_by_validator)
}
