//! What a judgement looks like to the world: who may see what.
//!
//! Public: verdict, times, the names of samples, what the validator wrote for the team, and the groups where the package
//! shows them. Jury: names of secret cases, judge messages, compiler output that may quote a driver, the history of a judge error. The caps are the codec's.

use std::collections::HashSet;
use std::time::Duration;

use super::timing::{case_run, certainty, conditions};
use judge::package::Package;
use judge::{CaseResult, GroupResult, Judgement};
use schemas::{
    Coordinates, Digests, GroupVerdict, JuryVerdict, Limits, PublicVerdict, Reason, Submission,
    TestVerdict, Verdict, VerdictCode,
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
    /// Whether time, or another host, may heal it: a fault of ours, not of what was submitted or published.
    pub(crate) fn may_heal(self) -> bool {
        match self {
            Self::PackageUnavailable | Self::LanguageUnavailable | Self::Fault => true,
            Self::MalformedRecord
            | Self::UnknownProblem
            | Self::UnknownPackage
            | Self::BrokenPackage
            | Self::KillsEvaluator => false,
        }
    }

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
    let groups = groups(package, judgement);
    Verdict {
        verdict: code(judgement.verdict),
        score: judgement.score,
        language: judgement.language.clone(),
        public: PublicVerdict {
            reason: reason.clone(),
            cpu_ms: milliseconds(judgement.cpu),
            wall_ms: milliseconds(judgement.wall),
            memory_bytes: signed(judgement.memory_bytes),
            tests_passed: count(judgement.cases.iter().filter(accepted).count()),
            tests_total: count(judgement.case_count),
            tests: public_tests(package, judgement),
            groups: public_groups(package, &groups),
            compile_log: public_log.to_owned(),
            certainty: certainty(judgement.certainty()),
        },
        jury: JuryVerdict {
            reason,
            tests: judgement.cases.iter().map(jury_test).collect(),
            groups,
            compile_log: judgement.compile_log.clone(),
            digests: Digests {
                source: judgement.source_digest.clone(),
                package: judgement.package_digest.clone(),
                ..Digests::default()
            },
            toolchain: judgement.toolchain.clone(),
            limits: limits(judgement, package),
            protections: judgement.protections.clone(),
            conditions: Some(conditions(judgement.conditions())),
            ..jury_part(provenance.clone())
        },
        ..common_part(submission, &provenance)
    }
}

/// The groups that were reached, with how many of their cases were accepted.
fn groups(package: &Package, judgement: &Judgement) -> Vec<GroupVerdict> {
    let passed = judgement.cases.iter().filter(accepted);
    let passed: HashSet<&str> = passed.map(|case| case.name.as_str()).collect();
    let all = package.groups.all();
    let verdict = |result: &GroupResult| {
        let group = all.iter().find(|group| group.name == result.name);
        let cases = group.map(|group| group.cases()).unwrap_or_default();
        let accepted = |index: &&usize| passed.contains(package.cases[**index].name.as_str());
        GroupVerdict {
            name: result.name.clone(),
            verdict: code(result.verdict),
            score: result.score,
            tests_passed: count(cases.iter().filter(accepted).count()),
            tests_total: count(cases.len()),
        }
    };
    judgement.groups.iter().map(verdict).collect()
}

fn public_groups(package: &Package, groups: &[GroupVerdict]) -> Vec<GroupVerdict> {
    if package.shows_groups {
        groups.to_vec()
    } else {
        Vec::new()
    }
}

fn accepted(case: &&CaseResult) -> bool {
    case.verdict == judge::Verdict::Accepted
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
            // The points of a case tell whose group it is in.
            score: case.score.filter(|_| package.shows_groups),
            ..measured(case)
        }
    };
    judgement.cases.iter().map(public_test).collect()
}

fn jury_test(case: &CaseResult) -> TestVerdict {
    TestVerdict {
        name: Some(case.name.clone()),
        message: text(&case.jury_message),
        conditions: Some(conditions(case.timing.conditions)),
        runs: case.timing.runs.iter().map(case_run).collect(),
        ..measured(case)
    }
}

fn measured(case: &CaseResult) -> TestVerdict {
    TestVerdict {
        verdict: code(case.verdict),
        score: case.score,
        passes: 1,
        cpu_ms: milliseconds(case.cpu),
        wall_ms: milliseconds(case.wall),
        memory_bytes: signed(case.memory_bytes),
        certainty: certainty(Some(case.timing.certainty)),
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

pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use schemas::cap::{MAX_TESTS, MAX_VERDICT_BYTES};
    use schemas::{CaseRun, Certainty, Conditions};
    use uuid::Uuid;

    use super::*;

    fn submission() -> Submission {
        Submission {
            submission_id: Uuid::from_u128(7),
            generation: 2,
            tenant: "school".to_owned(),
            contest_id: Some("finals".to_owned()),
            user_id: "ada".to_owned(),
            problem_id: "hello".to_owned(),
            language: "cpp".to_owned(),
            entry_point: None,
            files: Vec::new(),
            submitted_at_ms: 0,
            idempotency_key: None,
            package_digest: None,
        }
    }

    fn provenance() -> Provenance {
        Provenance {
            host: "host-1".to_owned(),
            attempt: 3,
            origin: Coordinates {
                topic: "submissions".to_owned(),
                partition: 4,
                offset: 99,
                append_time_ms: 1_000,
            },
            judged_at_ms: 2_000,
        }
    }

    /// A case that ran twice on a host that disturbed it.
    fn disturbed() -> judge::Timing {
        let conditions = judge::Conditions {
            ready: Duration::from_millis(71),
            idle: Duration::from_millis(72),
            voluntary_switches: 73,
            involuntary_switches: 74,
            throttled_periods: 75,
            throttled: Duration::from_millis(76),
            stolen: Duration::from_millis(77),
        };
        let run = judge::CaseRun {
            verdict: judge::Verdict::TimeLimit,
            cpu: Duration::from_millis(2_001),
            wall: Duration::from_millis(2_002),
            conditions,
        };
        judge::Timing {
            conditions,
            certainty: judge::Certainty::Unsure,
            runs: vec![run],
        }
    }

    #[test]
    fn everyone_sees_how_sure_a_verdict_is_and_the_jury_why() -> anyhow::Result<()> {
        let quiet = case("sample/1", judge::Verdict::Accepted);
        let unsure = CaseResult {
            timing: disturbed(),
            ..quiet.clone()
        };
        let judgement = judgement(vec![quiet, unsure]);
        let verdict = of_judgement(&submission(), &package()?, &judgement, provenance());
        assert_eq!(verdict.public.certainty, Certainty::Unsure);
        let of_cases =
            |tests: &[TestVerdict]| -> Vec<_> { tests.iter().map(|test| test.certainty).collect() };
        let expected = [Certainty::Sure, Certainty::Unsure];
        assert_eq!(of_cases(&verdict.public.tests), expected);
        assert_eq!(of_cases(&verdict.jury.tests), expected);

        let seen = Conditions {
            ready_ms: 71,
            idle_ms: 72,
            voluntary_switches: 73,
            involuntary_switches: 74,
            throttled_periods: 75,
            throttled_ms: 76,
            stolen_ms: 77,
        };
        let run = CaseRun {
            verdict: VerdictCode::Tle,
            cpu_ms: 2_001,
            wall_ms: 2_002,
            conditions: seen,
        };
        let [public, jury] = [&verdict.public.tests[1], &verdict.jury.tests[1]];
        assert_eq!((jury.conditions, &jury.runs), (Some(seen), &vec![run]));
        assert_eq!((public.conditions, &public.runs), (None, &Vec::new()));
        assert_eq!(
            verdict.jury.conditions,
            Some(seen),
            "the other case had none"
        );
        Ok(())
    }

    fn case(name: &str, verdict: judge::Verdict) -> CaseResult {
        CaseResult {
            name: name.to_owned(),
            verdict,
            reason: None,
            score: None,
            score_files: judge::ScoreFiles::default(),
            cpu: Duration::from_millis(20),
            wall: Duration::from_millis(30),
            memory_bytes: 4_096,
            timing: judge::Timing::default(),
            jury_message: "judges: off by one".to_owned(),
            team_message: "team: look again".to_owned(),
            ended_by_validator: false,
        }
    }

    fn judgement(cases: Vec<CaseResult>) -> Judgement {
        Judgement {
            verdict: judge::Verdict::WrongAnswer,
            reason: Some(judge::Reason::plain("output-differs")),
            language: "cpp".to_owned(),
            score: None,
            groups: Vec::new(),
            cpu: Duration::from_millis(20),
            wall: Duration::from_millis(30),
            memory_bytes: 4_096,
            case_count: 10,
            cases,
            compile_log: "driver.cpp:3: warning: secret driver".to_owned(),
            compile_log_is_jury: true,
            source_digest: "source".to_owned(),
            package_digest: "package".to_owned(),
            toolchain: "g++ 12".to_owned(),
            time_limit: Duration::from_secs(2),
            memory_limit_bytes: 1 << 28,
            protections: vec!["seccomp".to_owned()],
            spent: judge::Spent::default(),
        }
    }

    fn package() -> anyhow::Result<Package> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../problems/oddsocks");
        Ok(Package::load(&root)?)
    }

    #[test]
    fn the_public_part_names_samples_only_and_nothing_of_the_jurys() -> anyhow::Result<()> {
        use judge::Verdict::{Accepted, WrongAnswer};
        let cases = vec![
            case("sample/1", Accepted),
            case("secret/07-late", WrongAnswer),
        ];
        let verdict = of_judgement(&submission(), &package()?, &judgement(cases), provenance());
        let public = serde_json::to_string(&verdict.public)?;
        for secret in ["07-late", "judges:", "driver"] {
            assert!(!public.contains(secret), "{secret} in {public}");
        }
        let names: Vec<_> = verdict
            .public
            .tests
            .iter()
            .map(|test| test.name.as_deref())
            .collect();
        assert_eq!(names, [Some("sample/1"), None]);
        assert_eq!(
            verdict.public.tests[1].message.as_deref(),
            Some("team: look again")
        );
        assert_eq!(
            (verdict.public.tests_passed, verdict.public.tests_total),
            (1, 10)
        );

        assert_eq!(
            verdict.jury.tests[1].name.as_deref(),
            Some("secret/07-late")
        );
        assert_eq!(
            verdict.jury.tests[1].message.as_deref(),
            Some("judges: off by one")
        );
        assert!(verdict.jury.compile_log.contains("driver"));
        Ok(())
    }

    /// A case of 30.5 points and one of none, in a group that has both.
    fn scored(package: &Package) -> anyhow::Result<Judgement> {
        use judge::Verdict::{Accepted, WrongAnswer};
        let [first, second, ..] = &package.cases[..] else {
            anyhow::bail!("too few cases");
        };
        let scored = |name: &str, verdict, score| CaseResult {
            score,
            ..case(name, verdict)
        };
        Ok(Judgement {
            score: Some(30.5),
            groups: vec![GroupResult {
                name: "sample".to_owned(),
                verdict: WrongAnswer,
                score: Some(30.5),
            }],
            ..judgement(vec![
                scored(&first.name, Accepted, Some(30.5)),
                scored(&second.name, WrongAnswer, Some(0.0)),
            ])
        })
    }

    #[test]
    fn a_scoring_problem_that_shows_its_groups_shows_them_to_everybody() -> anyhow::Result<()> {
        let package = Package {
            shows_groups: true,
            ..package()?
        };
        let judgement = scored(&package)?;
        let verdict = of_judgement(&submission(), &package, &judgement, provenance());
        let samples = package.cases.iter().filter(|case| case.is_sample).count();
        let group = GroupVerdict {
            name: "sample".to_owned(),
            verdict: VerdictCode::Wa,
            score: Some(30.5),
            tests_passed: 1,
            tests_total: count(samples),
        };
        assert_eq!(verdict.score, Some(30.5));
        assert_eq!(verdict.public.groups, verdict.jury.groups);
        assert_eq!(verdict.jury.groups, [group]);
        for tests in [verdict.public.tests, verdict.jury.tests] {
            let scores: Vec<_> = tests.iter().map(|test| test.score).collect();
            assert_eq!(scores, [Some(30.5), Some(0.0)]);
        }
        Ok(())
    }

    #[test]
    fn groups_that_the_package_does_not_show_are_the_jurys() -> anyhow::Result<()> {
        let package = Package {
            shows_groups: false,
            ..package()?
        };
        let judgement = scored(&package)?;
        let verdict = of_judgement(&submission(), &package, &judgement, provenance());
        assert_eq!(verdict.score, Some(30.5));
        assert_eq!(verdict.public.groups, []);
        assert_eq!(verdict.jury.groups.len(), 1);
        let scores =
            |tests: &[TestVerdict]| -> Vec<_> { tests.iter().map(|it| it.score).collect() };
        assert_eq!(scores(&verdict.public.tests), [None, None]);
        assert_eq!(scores(&verdict.jury.tests), [Some(30.5), Some(0.0)]);
        Ok(())
    }

    #[test]
    fn a_compile_log_that_quotes_no_driver_is_everyones() -> anyhow::Result<()> {
        let judgement = Judgement {
            compile_log_is_jury: false,
            ..judgement(Vec::new())
        };
        let verdict = of_judgement(&submission(), &package()?, &judgement, provenance());
        assert_eq!(verdict.public.compile_log, verdict.jury.compile_log);
        Ok(())
    }

    #[test]
    fn a_verdict_says_whose_it_is_and_what_it_was_judged_with() -> anyhow::Result<()> {
        let verdict = of_judgement(
            &submission(),
            &package()?,
            &judgement(Vec::new()),
            provenance(),
        );
        assert_eq!(
            (verdict.submission_id, verdict.generation),
            (Uuid::from_u128(7), 2)
        );
        assert_eq!(verdict.contest_id.as_deref(), Some("finals"));
        assert_eq!(
            (verdict.tenant.as_str(), verdict.user_id.as_str()),
            ("school", "ada")
        );
        assert_eq!(verdict.judged_at_ms, 2_000);
        assert_eq!(verdict.verdict, VerdictCode::Wa);
        assert_eq!(
            verdict.public.reason.map(|reason| reason.code).as_deref(),
            Some("output-differs")
        );
        let jury = verdict.jury;
        assert_eq!((jury.host.as_str(), jury.attempt), ("host-1", 3));
        assert_eq!(jury.origin.map(|origin| origin.offset), Some(99));
        assert_eq!(jury.digests.package, "package");
        assert_eq!((jury.limits.time_ms, jury.limits.wall_ms), (2_000, 5_000));
        assert_eq!(jury.protections, ["seccomp"]);
        Ok(())
    }

    #[test]
    fn the_largest_judgement_still_fits_into_a_verdict() -> anyhow::Result<()> {
        let long = "x".repeat(100_000);
        let huge = |index: usize| CaseResult {
            jury_message: long.clone(),
            team_message: long.clone(),
            ..case(
                &format!("secret/{index}-{long}"),
                judge::Verdict::WrongAnswer,
            )
        };
        let judgement = Judgement {
            compile_log: long.repeat(5),
            compile_log_is_jury: false,
            case_count: 1_000,
            ..judgement((0..1_000).map(huge).collect())
        };
        let verdict = of_judgement(&submission(), &package()?, &judgement, provenance());
        let bytes = schemas::codec::encode(&verdict)?;
        assert!(bytes.len() <= MAX_VERDICT_BYTES, "{} bytes", bytes.len());
        let read: Verdict = schemas::codec::decode(&bytes)?;
        assert_eq!(read.jury.tests.len(), MAX_TESTS);
        assert_eq!(read.jury.tests_omitted, 1_000 - MAX_TESTS as i32);
        Ok(())
    }

    #[test]
    fn a_judge_error_tells_its_history_to_the_jury_only() {
        let history = vec!["attempt 1: no box".to_owned()];
        let verdict = judge_error(
            &submission(),
            JudgeErrorCause::Fault,
            history.clone(),
            provenance(),
        );
        assert_eq!(verdict.verdict, VerdictCode::Je);
        assert_eq!(verdict.jury.messages, history);
        let reason = verdict
            .public
            .reason
            .map(|reason| (reason.code, reason.args));
        assert_eq!(reason, Some(("judge-fault".to_owned(), Vec::new())));
    }

    #[test]
    fn each_of_the_judges_verdicts_keeps_its_name() -> anyhow::Result<()> {
        use judge::Verdict::{
            Accepted, CompileError, MemoryLimit, OutputLimit, RunTimeError, TimeLimit, WrongAnswer,
        };
        for verdict in [
            Accepted,
            WrongAnswer,
            TimeLimit,
            MemoryLimit,
            OutputLimit,
            RunTimeError,
            CompileError,
        ] {
            assert_eq!(serde_json::to_value(verdict)?, code(verdict).as_str());
        }
        Ok(())
    }
}
