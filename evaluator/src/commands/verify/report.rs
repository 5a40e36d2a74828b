//! What `verify` prints as JSON: a line for each finding and each jury submission as it comes, and a summary. `kind` tells them apart.

use std::time::Duration;

use judge::package::Package;
use judge::verify::{Bound, Clock, Finding, Severity, Verified, VerifyReport};
use serde::Serialize;

use crate::commands::report::{GroupField, ReasonField, milliseconds};

/// One jury submission.
#[derive(Debug, Serialize)]
pub(super) struct VerifiedLine<'a> {
    kind: &'static str,
    submission: &'a str,
    language: &'a str,
    expected: Vec<&'static str>,
    /// Null where the language is not available here.
    verdict: Option<&'static str>,
    ok: bool,
    available: bool,
    reason: Option<ReasonField<'a>>,
    score: Option<f64>,
    groups: Vec<GroupField<'a>>,
    cpu_ms: Option<u64>,
    wall_ms: Option<u64>,
    memory_bytes: Option<u64>,
    disagreements: &'a [String],
}

/// Something that is wrong with the package itself.
#[derive(Debug, Serialize)]
pub(super) struct FindingLine<'a> {
    kind: &'static str,
    severity: &'static str,
    ok: bool,
    file: &'a str,
    message: &'a str,
}

/// The last line.
#[derive(Debug, Serialize)]
pub(super) struct SummaryLine<'a> {
    kind: &'static str,
    package: &'a str,
    ok: bool,
    submissions: SubmissionsField,
    checked: CheckedField,
    errors: usize,
    warnings: usize,
    /// Null where none is given or can be computed.
    time_limit_ms: Option<u64>,
    time_limit_given: bool,
    lowest_limit_ms: Option<u64>,
    highest_limit_ms: Option<u64>,
    slowest_accepted: Option<MarginField<'a>>,
    fastest_too_slow: Option<MarginField<'a>>,
}

#[derive(Debug, Serialize)]
struct SubmissionsField {
    total: usize,
    agree: usize,
    unavailable: usize,
}

#[derive(Debug, Serialize)]
struct CheckedField {
    inputs: usize,
    answers: usize,
    self_tests: usize,
}

#[derive(Debug, Serialize)]
struct MarginField<'a> {
    cpu_ms: u64,
    wall_ms: u64,
    /// Which of the two bounds the limit: `cpu`, or `wall` for one that slept until the wall limit.
    clock: &'static str,
    submission: &'a str,
}

impl<'a> From<&'a Verified> for VerifiedLine<'a> {
    fn from(verified: &'a Verified) -> Self {
        let judgement = verified.judgement.as_ref();
        let expected = verified.expected.iter();
        let groups = judgement.map(|it| it.groups.iter().map(GroupField::from).collect());
        VerifiedLine {
            kind: "submission",
            submission: &verified.submission,
            language: &verified.language,
            expected: expected.map(|verdict| verdict.code()).collect(),
            verdict: verified.verdict(),
            ok: verified.is_ok(),
            available: verified.unavailable.is_none(),
            reason: judgement
                .and_then(|it| it.reason.as_ref())
                .map(ReasonField::from),
            score: judgement.and_then(|it| it.score),
            groups: groups.unwrap_or_default(),
            cpu_ms: judgement.map(|it| milliseconds(it.cpu)),
            wall_ms: judgement.map(|it| milliseconds(it.wall)),
            memory_bytes: judgement.map(|it| it.memory_bytes),
            disagreements: &verified.disagreements,
        }
    }
}

impl<'a> From<&'a Finding> for FindingLine<'a> {
    fn from(finding: &'a Finding) -> Self {
        FindingLine {
            kind: "finding",
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            ok: finding.severity != Severity::Error,
            file: &finding.file,
            message: &finding.message,
        }
    }
}

impl<'a> SummaryLine<'a> {
    pub(super) fn new(report: &'a VerifyReport, package: &'a Package) -> Self {
        let count = |holds: &dyn Fn(&Verified) -> bool| {
            let submissions = report.submissions.iter();
            submissions.filter(|one| holds(one)).count()
        };
        let margins = &report.margins;
        let limit = |limit: Option<Duration>| limit.map(milliseconds);
        SummaryLine {
            kind: "summary",
            package: &package.id,
            ok: report.is_ok(),
            submissions: SubmissionsField {
                total: report.submissions.len(),
                agree: count(&|one| one.is_ok() && one.unavailable.is_none()),
                unavailable: count(&|one| one.unavailable.is_some()),
            },
            checked: CheckedField {
                inputs: report.checked.inputs,
                answers: report.checked.answers,
                self_tests: report.checked.self_tests,
            },
            errors: report.errors().count(),
            warnings: report.warnings().count(),
            time_limit_ms: limit(report.time_limit),
            time_limit_given: report.time_limit_is_given,
            lowest_limit_ms: limit(margins.lowest_limit),
            highest_limit_ms: limit(margins.highest_limit),
            slowest_accepted: margin(margins.slowest_accepted.as_ref()),
            fastest_too_slow: margin(margins.fastest_too_slow.as_ref()),
        }
    }
}

fn margin(bound: Option<&Bound>) -> Option<MarginField<'_>> {
    bound.map(|bound| MarginField {
        cpu_ms: milliseconds(bound.cpu),
        wall_ms: milliseconds(bound.wall),
        clock: match bound.clock {
            Clock::Cpu => "cpu",
            Clock::Wall => "wall",
        },
        submission: &bound.submission,
    })
}
