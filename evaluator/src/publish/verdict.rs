//! What a judgement looks like to the world: who may see what.
//!
//! Public: verdict, times, the names of samples, what the validator wrote for the team. Jury: names of secret cases,
//! judge messages, compiler output that may quote a driver, the history of a judge error. The caps are the codec's.

use std::collections::HashSet;
use std::time::Duration;

use judge::package::Package;
use judge::{CaseResult, Judgement};
use schemas::{
    Coordinates, Digests, JuryVerdict, Limits, PublicVerdict, Reason, Submission, TestVerdict,
    Verdict, VerdictCode,
};

/// Why a submission ended as a judge error, as the code that its verdict carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JudgeErrorCause {
    /// The bytes are no submission; only the headers told whose they were.
    MalformedRecord,
    /// Nobody published the problem.
    UnknownProblem,
    /// The package named by digest is not to be had.
    UnknownPackage,
    /// The package cannot be judged with.
    BrokenPackage,
    /// The package could not be fetched.
    PackageUnavailable,
    /// The language is one that judges know and this evaluator does not serve.
    LanguageUnavailable,
    /// It killed its evaluator while it ran alone.
    KillsEvaluator,
    /// Judging failed, and failed again when retried.
    Fault,
}

impl JudgeErrorCause {
    /// The reason's code in verdicts, metrics and on the dead-letter topic.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::MalformedRecord => "malformed-record",
            Self::UnknownProblem => "unknown-problem",
            Self::UnknownPackage => "unknown-package",
            Self::BrokenPackage => "broken-package",
            Self::PackageUnavailable => "package-unavailable",
            Self::LanguageUnavailable => "language-unavailable",
            Self::KillsEvaluator => "kills-evaluator",
            Self::Fault => "judge-fault",
        }
    }
}

/// Where and how often it was tried.
#[derive(Clone, Debug)]
pub(crate) struct Provenance {
    /// This host's name.
    pub(crate) host: String,
    /// 1 for the first try.
    pub(crate) attempt: i32,
    /// The submission's record.
    pub(crate) origin: Coordinates,
    /// Now, milliseconds since 1970 in UTC.
    pub(crate) judged_at_ms: i64,
}

/// The verdict of a judgement.
pub(crate) fn of_judgement(
    submission: &Submission,
    package: &Package,
    judgement: &Judgement,
    provenance: Provenance,
) -> Verdict {
    let reason = judgement.reason.as_ref().map(reason);
    let public_log = if judgement.compile_log_is_jury {
        ""
    } else {
        &judgement.compile_log
    };
    let passed = |case: &&CaseResult| case.verdict == judge::Verdict::Accepted;
    Verdict {
        verdict: code(judgement.verdict),
        score: judgement.score,
        language: judgement.language.clone(),
        public: PublicVerdict {
            reason: reason.clone(),
            cpu_ms: milliseconds(judgement.cpu),
            wall_ms: milliseconds(judgement.wall),
            memory_bytes: signed(judgement.memory_bytes),
            tests_passed: count(judgement.cases.iter().filter(passed).count()),
            tests_total: count(judgement.case_count),
            tests: public_tests(package, judgement),
            groups: Vec::new(),
            compile_log: public_log.to_owned(),
        },
        jury: JuryVerdict {
            reason,
            tests: judgement.cases.iter().map(jury_test).collect(),
            compile_log: judgement.compile_log.clone(),
            digests: Digests {
                source: judgement.source_digest.clone(),
                package: judgement.package_digest.clone(),
                ..Digests::default()
            },
            toolchain: judgement.toolchain.clone(),
            limits: limits(judgement, package),
            protections: judgement.protections.clone(),
            ..jury_part(provenance.clone())
        },
        ..common_part(submission, &provenance)
    }
}

/// The verdict when we failed. `history` is for the jury.
pub(crate) fn judge_error(
    submission: &Submission,
    cause: JudgeErrorCause,
    history: Vec<String>,
    provenance: Provenance,
) -> Verdict {
    let reason = Some(Reason {
        code: cause.code().to_owned(),
        args: Vec::new(),
    });
    Verdict {
        verdict: VerdictCode::Je,
        public: PublicVerdict {
            reason: reason.clone(),
            ..PublicVerdict::default()
        },
        jury: JuryVerdict {
            reason,
            messages: history,
            ..jury_part(provenance.clone())
        },
        ..common_part(submission, &provenance)
    }
}

fn common_part(submission: &Submission, provenance: &Provenance) -> Verdict {
    Verdict {
        submission_id: submission.submission_id,
        generation: submission.generation,
        tenant: submission.tenant.clone(),
        contest_id: submission.contest_id.clone(),
        user_id: submission.user_id.clone(),
        problem_id: submission.problem_id.clone(),
        language: submission.language.clone(),
        judged_at_ms: provenance.judged_at_ms,
        ..Verdict::default()
    }
}

fn jury_part(provenance: Provenance) -> JuryVerdict {
    JuryVerdict {
        host: provenance.host,
        attempt: provenance.attempt,
        origin: Some(provenance.origin),
        ..JuryVerdict::default()
    }
}

/// Only samples are named, and only what was written for the team is told.
fn public_tests(package: &Package, judgement: &Judgement) -> Vec<TestVerdict> {
    let samples = package.cases.iter().filter(|case| case.is_sample);
    let samples: HashSet<&str> = samples.map(|case| case.name.as_str()).collect();
    let public_test = |case: &CaseResult| {
        let sample = samples.contains(case.name.as_str());
        TestVerdict {
            name: sample.then(|| case.name.clone()),
            sample,
            message: text(&case.team_message),
            ..measured(case)
        }
    };
    judgement.cases.iter().map(public_test).collect()
}

fn jury_test(case: &CaseResult) -> TestVerdict {
    TestVerdict {
        name: Some(case.name.clone()),
        message: text(&case.jury_message),
        ..measured(case)
    }
}

fn measured(case: &CaseResult) -> TestVerdict {
    TestVerdict {
        verdict: code(case.verdict),
        passes: 1,
        cpu_ms: milliseconds(case.cpu),
        wall_ms: milliseconds(case.wall),
        memory_bytes: signed(case.memory_bytes),
        ..TestVerdict::default()
    }
}

fn limits(judgement: &Judgement, package: &Package) -> Limits {
    Limits {
        time_ms: milliseconds(judgement.time_limit),
        wall_ms: milliseconds(judge::wall_limit(judgement.time_limit)),
        memory_bytes: signed(judgement.memory_limit_bytes),
        output_bytes: signed(package.limits.output_bytes),
    }
}

fn reason(reason: &judge::Reason) -> Reason {
    Reason {
        code: reason.code.clone(),
        args: reason.args.clone(),
    }
}

/// The code on the wire; the judge's own words for what a program can do are fewer.
pub(crate) fn code(verdict: judge::Verdict) -> VerdictCode {
    match verdict {
        judge::Verdict::Accepted => VerdictCode::Ac,
        judge::Verdict::WrongAnswer => VerdictCode::Wa,
        judge::Verdict::TimeLimit => VerdictCode::Tle,
        judge::Verdict::MemoryLimit => VerdictCode::Mle,
        judge::Verdict::OutputLimit => VerdictCode::Ole,
        judge::Verdict::RunTimeError => VerdictCode::Rte,
        judge::Verdict::CompileError => VerdictCode::Ce,
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
