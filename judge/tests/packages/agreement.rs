//! Whether a judgement agrees with what its submission should get.

use std::time::Duration;

use judge::Verdict::{self, *};
use judge::{CaseResult, Judgement, ScoreFiles};

use crate::fixture::Fixture;

fn judgement(verdict: Verdict, cases: &[(&str, Verdict)]) -> Judgement {
    let cases = cases.iter().map(|(name, verdict)| CaseResult {
        name: (*name).to_owned(),
        verdict: *verdict,
        reason: None,
        score: None,
        score_files: ScoreFiles::default(),
        cpu: Duration::ZERO,
        wall: Duration::ZERO,
        memory_bytes: 0,
        timing: judge::Timing::default(),
        jury_message: "line 3 is late".to_owned(),
        team_message: String::new(),
        ended_by_validator: false,
    });
    Judgement {
        verdict,
        reason: None,
        language: String::new(),
        score: None,
        cpu: Duration::ZERO,
        wall: Duration::ZERO,
        memory_bytes: 0,
        cases: cases.collect(),
        groups: Vec::new(),
        case_count: 2,
        compile_log: String::new(),
        compile_log_is_jury: false,
        source_digest: String::new(),
        package_digest: String::new(),
        toolchain: String::new(),
        time_limit: Duration::ZERO,
        memory_limit_bytes: 0,
        protections: Vec::new(),
    }
}

/// What a submission in this directory of a 2025-09 package is told, when its cases end so.
fn told(path: &str, verdicts: [Verdict; 2]) -> Vec<String> {
    told_of(&Fixture::modern(""), path, verdicts)
}

fn told_of(fixture: &Fixture, path: &str, verdicts: [Verdict; 2]) -> Vec<String> {
    let path_of = format!("submissions/{path}");
    std::fs::create_dir_all(fixture.root().join(&path_of).parent().unwrap()).unwrap();
    std::fs::write(fixture.root().join(&path_of), "").unwrap();
    let whole = verdicts.into_iter().find(|verdict| *verdict != Accepted);
    let cases = [("secret/1", verdicts[0]), ("secret/2", verdicts[1])];
    let judgement = judgement(whole.unwrap_or(Accepted), &cases);
    fixture
        .submission(path)
        .expectation
        .disagreements(&judgement)
}

const AGREES: [&str; 0] = [];

#[test]
fn every_case_must_be_permitted_and_one_as_required() {
    assert_eq!(told("wrong_answer/x.c", [Accepted, WrongAnswer]), AGREES);
    assert_eq!(
        told("wrong_answer/x.c", [Accepted, Accepted]),
        ["no case got WA"]
    );
    assert_eq!(
        told("wrong_answer/x.c", [WrongAnswer, TimeLimit]),
        ["secret/2 got TLE, permitted AC or WA"]
    );
    assert_eq!(
        told("accepted/x.c", [Accepted, WrongAnswer]),
        ["secret/2 got WA, permitted AC"]
    );
}

#[test]
fn memory_and_output_limits_are_run_time_errors_to_the_format() {
    assert_eq!(told("run_time_error/x.c", [Accepted, MemoryLimit]), AGREES);
    assert_eq!(told("run_time_error/x.c", [OutputLimit, Accepted]), AGREES);
    assert_eq!(
        told("memory_limit_exceeded/x.c", [Accepted, RunTimeError]),
        ["secret/2 got RTE, permitted AC or MLE"]
    );
}

#[test]
fn a_compile_error_agrees_only_where_it_is_expected() {
    let broken = judgement(CompileError, &[]);
    for (path, agrees) in [
        ("compile_error/x.c", true),
        ("accepted/x.c", false),
        ("run_time_error/x.c", false),
        ("mixed/x.c", false),
    ] {
        let fixture = Fixture::modern("").file(&format!("submissions/{path}"), "");
        let expectation = fixture.submission(path).expectation;
        assert_eq!(
            expectation.disagreements(&broken).is_empty(),
            agrees,
            "{path}"
        );
    }
    assert_eq!(
        told("compile_error/x.c", [Accepted, Accepted]),
        ["got AC, expected CE"]
    );
}

#[test]
fn a_rule_about_some_cases_ignores_the_others() {
    let rules = "mixed/x.c: {secret/2: {required: [TLE]}}";
    let fixture = Fixture::modern("").file("submissions/submissions.yaml", rules);
    assert_eq!(
        told_of(&fixture, "mixed/x.c", [WrongAnswer, TimeLimit]),
        AGREES
    );
    assert_eq!(
        told_of(&fixture, "mixed/x.c", [TimeLimit, Accepted]),
        ["in secret/2: no case got TLE"]
    );
}

#[test]
fn a_message_must_be_part_of_some_jury_message() {
    let rules = |message: &str| {
        let yaml = format!("wrong_answer/x.c: {{message: {message}}}");
        let fixture = Fixture::modern("").file("submissions/submissions.yaml", &yaml);
        told_of(&fixture, "wrong_answer/x.c", [Accepted, WrongAnswer])
    };
    assert_eq!(rules("is late"), AGREES);
    assert_eq!(rules("IS LATE"), ["no jury message contains \"IS LATE\""]);
}
