//! Whether a judgement agrees with what its submission should get.

use std::time::Duration;

use judge::Verdict::{self, *};
use judge::{CaseResult, GroupResult, Judgement, ScoreFiles, Spent};

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
        spent: Spent::default(),
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
        ["no case got WA (submissions/wrong_answer)"]
    );
    assert_eq!(
        told("wrong_answer/x.c", [WrongAnswer, TimeLimit]),
        ["secret/2 got TLE, permitted AC or WA (submissions/wrong_answer)"]
    );
    assert_eq!(
        told("accepted/x.c", [Accepted, WrongAnswer]),
        ["secret/2 got WA, permitted AC (submissions/accepted)"]
    );
}

#[test]
fn memory_and_output_limits_are_run_time_errors_to_the_format() {
    assert_eq!(told("run_time_error/x.c", [Accepted, MemoryLimit]), AGREES);
    assert_eq!(told("run_time_error/x.c", [OutputLimit, Accepted]), AGREES);
    assert_eq!(
        told("memory_limit_exceeded/x.c", [Accepted, RunTimeError]),
        ["secret/2 got RTE, permitted AC or MLE (submissions/memory_limit_exceeded)"]
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
        ["in secret/2: no case got TLE (submissions/submissions.yaml:1)"]
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
    let missing = "no jury message contains \"IS LATE\" (submissions/submissions.yaml:1)";
    assert_eq!(rules("IS LATE"), [missing]);
}

#[test]
fn scores_are_compared_for_the_whole_and_for_each_group_that_is_named() {
    let metadata = "type: scoring\n";
    let told = |rule: &str, whole: f64, groups: &[(&str, Verdict, f64)]| {
        let yaml = format!("mixed/x.c: {rule}");
        let fixture = Fixture::modern(metadata).file("submissions/submissions.yaml", &yaml);
        let fixture = fixture.file("submissions/mixed/x.c", "");
        let groups = groups.iter().map(|(name, verdict, score)| GroupResult {
            name: (*name).to_owned(),
            verdict: *verdict,
            score: Some(*score),
        });
        let judgement = Judgement {
            score: Some(whole),
            groups: groups.collect(),
            ..judgement(WrongAnswer, &[("secret/1", WrongAnswer)])
        };
        let expectation = fixture.submission("mixed/x.c").expectation;
        expectation.disagreements(&judgement).concat()
    };
    assert_eq!(told("{score: 40}", 40.000_000_1, &[]), "");
    assert_eq!(told("{score: [30, 40]}", 30.0, &[]), "");
    let low = told("{score: [30, 40]}", 29.9, &[]);
    assert!(low.contains("got 29.9 points, expected 30 to 40"), "{low}");
    let groups = [("secret", WrongAnswer, 40.0), ("secret/a", Accepted, 15.0)];
    assert_eq!(told("{secret/a: {score: 15}}", 40.0, &groups), "");
    // What is said of a group is not said of the groups in it.
    assert_eq!(told("{secret: {score: 40}}", 40.0, &groups), "");
    let other = told("{secret/a: {score: 16}}", 40.0, &groups);
    assert!(
        other.contains("secret/a got 15 points, expected 16"),
        "{other}"
    );
    let nowhere = told("{secret/b: {score: 16}}", 40.0, &groups);
    assert!(nowhere.contains("no group of this name"), "{nowhere}");
    // A group that was not run has no failed case, and is not accepted all the same.
    let skipped = [("secret/c", TimeLimit, 0.0)];
    let rejected = told("{secret/c: {permitted: [AC]}}", 0.0, &skipped);
    assert!(
        rejected.contains("group secret/c is not accepted"),
        "{rejected}"
    );
}
