//! What `judge` prints as JSON: one line, for programs to read.

use std::time::Duration;

use judge::{CaseResult, Certainty, GroupResult, Judgement, Reason};
use serde::Serialize;

use super::timing::{ConditionsField, RunField};

/// One judgement.
#[derive(Debug, Serialize)]
pub(super) struct JudgementLine<'a> {
    verdict: &'static str,
    reason: Option<ReasonField<'a>>,
    language: &'a str,
    score: Option<f64>,
    cpu_ms: u64,
    wall_ms: u64,
    memory_bytes: u64,
    certainty: Option<&'static str>,
    conditions: ConditionsField,
    time_limit_ms: u64,
    memory_limit_bytes: u64,
    groups: Vec<GroupField<'a>>,
    tests: Vec<TestField<'a>>,
    test_count: usize,
    compile_log: &'a str,
    toolchain: &'a str,
    source_digest: &'a str,
    package_digest: &'a str,
    protections: &'a [String],
}

/// Why, as a code with arguments.
#[derive(Debug, Serialize)]
pub(super) struct ReasonField<'a> {
    code: &'a str,
    args: &'a [String],
}

/// One test case.
#[derive(Debug, Serialize)]
struct TestField<'a> {
    name: &'a str,
    verdict: &'static str,
    reason: Option<ReasonField<'a>>,
    score: Option<f64>,
    cpu_ms: u64,
    wall_ms: u64,
    memory_bytes: u64,
    certainty: &'static str,
    conditions: ConditionsField,
    runs: Vec<RunField>,
    message: &'a str,
    team_message: &'a str,
}

/// One test group of a scoring problem.
#[derive(Debug, Serialize)]
pub(super) struct GroupField<'a> {
    name: &'a str,
    verdict: &'static str,
    score: Option<f64>,
}

/// A failure of the judge, in place of a judgement.
#[derive(Debug, Serialize)]
pub(super) struct JudgeErrorLine<'a> {
    verdict: &'static str,
    message: &'a str,
}

impl<'a> JudgeErrorLine<'a> {
    pub(super) fn new(message: &'a str) -> Self {
        JudgeErrorLine {
            verdict: "JE",
            message,
        }
    }
}

impl<'a> From<&'a Judgement> for JudgementLine<'a> {
    fn from(judgement: &'a Judgement) -> Self {
        JudgementLine {
            verdict: judgement.verdict.code(),
            reason: judgement.reason.as_ref().map(ReasonField::from),
            language: &judgement.language,
            score: judgement.score,
            cpu_ms: milliseconds(judgement.cpu),
            wall_ms: milliseconds(judgement.wall),
            memory_bytes: judgement.memory_bytes,
            certainty: judgement.certainty().map(Certainty::as_str),
            conditions: judgement.conditions().into(),
            time_limit_ms: milliseconds(judgement.time_limit),
            memory_limit_bytes: judgement.memory_limit_bytes,
            groups: judgement.groups.iter().map(GroupField::from).collect(),
            tests: judgement.cases.iter().map(TestField::from).collect(),
            test_count: judgement.case_count,
            compile_log: &judgement.compile_log,
            toolchain: &judgement.toolchain,
            source_digest: &judgement.source_digest,
            package_digest: &judgement.package_digest,
            protections: &judgement.protections,
        }
    }
}

impl<'a> From<&'a CaseResult> for TestField<'a> {
    fn from(case: &'a CaseResult) -> Self {
        TestField {
            name: &case.name,
            verdict: case.verdict.code(),
            reason: case.reason.as_ref().map(ReasonField::from),
            score: case.score,
            cpu_ms: milliseconds(case.cpu),
            wall_ms: milliseconds(case.wall),
            memory_bytes: case.memory_bytes,
            certainty: case.timing.certainty.as_str(),
            conditions: case.timing.conditions.into(),
            runs: case.timing.runs.iter().map(RunField::from).collect(),
            message: &case.jury_message,
            team_message: &case.team_message,
        }
    }
}

impl<'a> From<&'a GroupResult> for GroupField<'a> {
    fn from(group: &'a GroupResult) -> Self {
        GroupField {
            name: &group.name,
            verdict: group.verdict.code(),
            score: group.score,
        }
    }
}

impl<'a> From<&'a Reason> for ReasonField<'a> {
    fn from(reason: &'a Reason) -> Self {
        ReasonField {
            code: &reason.code,
            args: &reason.args,
        }
    }
}

/// Points for people: at most three decimals, and none that are 0.
pub(super) fn points(score: f64) -> String {
    let text = format!("{score:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
