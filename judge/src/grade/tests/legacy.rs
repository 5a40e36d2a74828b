//! The legacy format: graders, breaks, ranges.

use super::*;
use crate::Verdict::*;
use crate::package::{DefaultGrader, Grader, OnReject, ScoreMode, VerdictMode};

fn legacy_grading(flags: DefaultGrader) -> Grading {
    Grading::Legacy {
        accept_score: 1.0,
        reject_score: 0.0,
        range: (f64::NEG_INFINITY, f64::INFINITY),
        grader: Grader::Default(flags),
    }
}

/// One group of four cases, graded by these flags, with every case run.
fn by_default_grader(flags: DefaultGrader, marks: &[(usize, Verdict)]) -> (Verdict, Option<f64>) {
    let mut root = group("", legacy_grading(flags), cases(0..4));
    root.on_reject = OnReject::Continue;
    graded(&package(root, true), Stop::WhenDecided, &mut failing(marks))
}

fn flags(verdict: VerdictMode, score: ScoreMode) -> DefaultGrader {
    DefaultGrader {
        verdict,
        score,
        ..DefaultGrader::default()
    }
}

#[test]
fn the_worst_error_is_found_by_its_rank() {
    let ranks = [
        RunTimeError,
        MemoryLimit,
        TimeLimit,
        OutputLimit,
        WrongAnswer,
        Accepted,
    ];
    for pair in ranks.windows(2) {
        let marks = [(0, pair[1]), (2, pair[0])];
        let (verdict, _) = by_default_grader(DefaultGrader::default(), &marks);
        assert_eq!(verdict, pair[0]);
    }
}

#[test]
fn the_default_grader_honours_its_verdict_flags() {
    let marks = [(1, WrongAnswer), (2, RunTimeError)];
    let verdict = |mode| by_default_grader(flags(mode, ScoreMode::Sum), &marks).0;
    assert_eq!(verdict(VerdictMode::WorstError), RunTimeError);
    assert_eq!(verdict(VerdictMode::FirstError), WrongAnswer);
    assert_eq!(verdict(VerdictMode::AlwaysAccept), Accepted);
    let any = DefaultGrader {
        accept_if_any_accepted: true,
        ..DefaultGrader::default()
    };
    assert_eq!(by_default_grader(any, &marks).0, Accepted);
    let none = [0, 1, 2, 3].map(|index| (index, WrongAnswer));
    assert_eq!(by_default_grader(any, &none).0, WrongAnswer);
}

#[test]
fn the_default_grader_honours_its_score_flags() {
    let marks = [(1, WrongAnswer)];
    let score = |mode| by_default_grader(flags(VerdictMode::WorstError, mode), &marks).1;
    assert_eq!(score(ScoreMode::Sum), Some(3.0));
    assert_eq!(score(ScoreMode::Avg), Some(0.75));
    assert_eq!(score(ScoreMode::Min), Some(0.0));
    assert_eq!(score(ScoreMode::Max), Some(1.0));
}

/// `sample` with case 0, `secret` with cases 1 and 2, both worth 1 a case.
fn sample_and_secret(root: Grading) -> Group {
    let grading = legacy_grading(DefaultGrader::default());
    let sample = group("sample", grading.clone(), cases([0]));
    let secret = group("secret", grading, cases([1, 2]));
    group("", root, vec![Child::Group(sample), Child::Group(secret)])
}

#[test]
fn an_ignored_sample_is_run_and_counts_for_nothing() {
    let ignore = DefaultGrader {
        ignore_sample: true,
        ..DefaultGrader::default()
    };
    let ignoring = package(sample_and_secret(legacy_grading(ignore)), true);
    let counting = package(
        sample_and_secret(legacy_grading(DefaultGrader::default())),
        true,
    );
    let mut table = failing(&[(0, WrongAnswer)]);
    let got = graded(&ignoring, Stop::WhenDecided, &mut table);
    assert_eq!((got, table.asked), ((Accepted, Some(2.0)), vec![0, 1, 2]));
    let got = graded(&ignoring, Stop::WhenDecided, &mut Table::default());
    assert_eq!(got, (Accepted, Some(2.0)));
    let got = graded(&counting, Stop::WhenDecided, &mut Table::default());
    assert_eq!(got, (Accepted, Some(3.0)));
}

#[test]
fn break_ends_a_group_and_the_groups_above_go_on_as_they_say() {
    let grading = || legacy_grading(DefaultGrader::default());
    let inner = group("secret/1", grading(), cases([0, 1, 2]));
    let second = group("secret/2", grading(), cases([3]));
    let mut secret = group(
        "secret",
        grading(),
        vec![Child::Group(inner), Child::Group(second)],
    );
    let run = |secret: &Group| {
        let root = group("", grading(), vec![Child::Group(secret.clone())]);
        let mut table = failing(&[(1, TimeLimit)]);
        let got = graded(&package(root, true), Stop::Never, &mut table);
        (got, table.asked)
    };
    assert_eq!(run(&secret), ((TimeLimit, Some(1.0)), vec![0, 1]));
    secret.on_reject = OnReject::Continue;
    assert_eq!(run(&secret), ((TimeLimit, Some(2.0)), vec![0, 1, 3]));
}

#[test]
fn a_group_without_cases_is_accepted_with_nothing() {
    let custom = Grading::Legacy {
        accept_score: 1.0,
        reject_score: 0.0,
        range: (5.0, 6.0),
        grader: Grader::Custom {
            program: PackageProgram::default(),
            flags: Vec::new(),
        },
    };
    for grading in [custom, legacy_grading(DefaultGrader::default())] {
        let empty = group("secret", grading, Vec::new());
        let root = group(
            "",
            legacy_grading(DefaultGrader::default()),
            vec![Child::Group(empty)],
        );
        let got = graded(&package(root, true), Stop::Never, &mut Table::default());
        assert_eq!(got, (Accepted, Some(0.0)));
    }
}

#[test]
fn groups_of_one_problem_give_their_own_scores_and_keep_their_range() {
    let worth = |accept_score, range| Grading::Legacy {
        accept_score,
        reject_score: -1.0,
        range,
        grader: Grader::Default(DefaultGrader::default()),
    };
    let tree = |range| {
        let mut first = group("secret/1", worth(10.0, (0.0, 30.0)), cases([0, 1]));
        first.on_reject = OnReject::Continue;
        let second = group("secret/2", worth(70.0, range), cases([2]));
        let children = vec![Child::Group(first), Child::Group(second)];
        let any = DefaultGrader {
            accept_if_any_accepted: true,
            ..DefaultGrader::default()
        };
        let mut root = group("", legacy_grading(any), children);
        root.on_reject = OnReject::Continue;
        package(root, true)
    };
    let half = &mut failing(&[(1, WrongAnswer)]);
    let got = graded(&tree((0.0, 70.0)), Stop::Never, half);
    assert_eq!(got, (Accepted, Some(79.0)));
    let failed = fault(&tree((0.0, 60.0)), &mut Table::default());
    assert!(
        failed.contains("secret/2") && failed.contains("range"),
        "{failed}"
    );
    let rejected = &mut failing(&[(2, WrongAnswer)]);
    let got = graded(&tree((0.0, 60.0)), Stop::Never, rejected);
    assert_eq!(got, (Accepted, Some(19.0)), "a rejected group ranks nobody");
}

fn with_custom_grader() -> Package {
    let grading = Grading::Legacy {
        accept_score: 2.5,
        reject_score: 0.0,
        range: (f64::NEG_INFINITY, f64::INFINITY),
        grader: Grader::Custom {
            program: PackageProgram::default(),
            flags: vec!["tail".to_owned()],
        },
    };
    let mut root = group("", grading, cases([0, 1]));
    root.on_reject = OnReject::Continue;
    package(root, true)
}

#[test]
fn a_grader_of_the_package_hears_a_line_for_each_child_and_is_believed() {
    let mut table = Table {
        graders_say: "TLE -12.5\n".to_owned(),
        ..failing(&[(1, MemoryLimit)])
    };
    let got = graded(&with_custom_grader(), Stop::WhenDecided, &mut table);
    assert_eq!(got, (TimeLimit, Some(-12.5)));
    assert_eq!(table.graders_heard, [" [\"tail\"]: AC 2.5\nMLE 0\n"]);
}

#[test]
fn whatever_else_a_grader_prints_is_a_fault() {
    let odd = [
        "", "AC", "AC 1 2", "OK 1", "AC one", "AC 1e3", "AC inf", "JE 0", " AC 1", "AC +1", "AC .",
    ];
    for graders_say in odd {
        let mut table = Table {
            graders_say: graders_say.to_owned(),
            ..Table::default()
        };
        let failed = fault(&with_custom_grader(), &mut table);
        assert!(
            failed.contains("data failed: it "),
            "{graders_say}: {failed}"
        );
    }
}
