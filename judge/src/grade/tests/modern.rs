//! 2025-09: aggregation, requirements, the source as a case; and what is run at all.

use super::*;
use crate::Verdict::*;
use crate::package::Aggregation;

fn modern(max_score: Option<f64>, aggregation: Aggregation, require_pass: &[&str]) -> Grading {
    Grading::Modern {
        max_score,
        aggregation,
        require_pass: require_pass.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// `sample` with case 0, and `secret` with these groups of cases.
fn modern_package(secret: Grading, groups: Vec<(Grading, Vec<usize>)>) -> Package {
    let groups = groups
        .into_iter()
        .enumerate()
        .map(|(at, (grading, indices))| {
            Child::Group(group(&format!("secret/{at}"), grading, cases(indices)))
        });
    let secret = group("secret", secret, groups.collect());
    let sample = group("sample", Grading::PassFail, cases([0]));
    let children = vec![Child::Group(sample), Child::Group(secret)];
    package(group("", Grading::PassFail, children), true)
}

const HUNDRED: Option<f64> = Some(100.0);

#[test]
fn each_aggregation_of_2025_09_gives_its_score() {
    let groups = |aggregation| {
        let groups = vec![(modern(Some(40.0), aggregation, &[]), vec![1, 2])];
        modern_package(modern(HUNDRED, Aggregation::Sum, &[]), groups)
    };
    let half = || Table {
        marks: HashMap::from([(2, mark(Accepted, None, Some("0.5")))]),
        ..Table::default()
    };
    let got = |aggregation, table: &mut Table| graded(&groups(aggregation), Stop::Never, table).1;
    assert_eq!(got(Aggregation::Sum, &mut half()), Some(30.0));
    assert_eq!(got(Aggregation::Min, &mut half()), Some(20.0));
    let all = &mut Table::default();
    assert_eq!(got(Aggregation::PassFail, all), Some(40.0));
    for aggregation in [Aggregation::Min, Aggregation::PassFail] {
        let failed = &mut failing(&[(1, WrongAnswer)]);
        assert_eq!(got(aggregation, failed), Some(0.0));
    }
    let failed = &mut failing(&[(1, WrongAnswer)]);
    assert_eq!(got(Aggregation::Sum, failed), Some(20.0));
}

#[test]
fn secret_puts_its_groups_or_its_own_cases_together() {
    let pass_fail = |max| modern(Some(max), Aggregation::PassFail, &[]);
    let groups = || vec![(pass_fail(30.0), vec![1]), (pass_fail(70.0), vec![2])];
    let score = |aggregation, marks: &[(usize, Verdict)]| {
        let package = modern_package(modern(HUNDRED, aggregation, &[]), groups());
        graded(&package, Stop::WhenDecided, &mut failing(marks))
    };
    assert_eq!(score(Aggregation::Sum, &[]), (Accepted, HUNDRED));
    let partial = score(Aggregation::Sum, &[(1, TimeLimit)]);
    assert_eq!(partial, (TimeLimit, Some(70.0)));
    assert_eq!(score(Aggregation::Min, &[]), (Accepted, Some(30.0)));
    assert_eq!(score(Aggregation::PassFail, &[]), (Accepted, HUNDRED));
    let rejected = score(Aggregation::PassFail, &[(2, WrongAnswer)]);
    assert_eq!(rejected, (WrongAnswer, Some(0.0)));

    let own = group(
        "secret",
        modern(HUNDRED, Aggregation::Sum, &[]),
        cases([0, 1, 2]),
    );
    let root = group("", Grading::PassFail, vec![Child::Group(own)]);
    let thirds = graded(&package(root, true), Stop::Never, &mut Table::default());
    assert_eq!(thirds, (Accepted, HUNDRED), "three thirds are the whole");
}

#[test]
fn a_failed_sample_costs_no_points() {
    let groups = vec![(modern(HUNDRED, Aggregation::Sum, &[]), vec![1, 2])];
    let package = modern_package(modern(HUNDRED, Aggregation::Sum, &[]), groups);
    let mut table = failing(&[(0, WrongAnswer)]);
    table.marks.insert(0, mark(WrongAnswer, Some("7"), None));
    let got = graded(&package, Stop::WhenDecided, &mut table);
    assert_eq!(got, (WrongAnswer, HUNDRED));
}

#[test]
fn a_group_is_not_run_when_one_that_it_requires_failed() {
    let pass_fail = modern(Some(30.0), Aggregation::PassFail, &[]);
    let needs = |names: &[&str]| modern(Some(70.0), Aggregation::Sum, names);
    let run = |names: &[&str], marks: &[(usize, Verdict)]| {
        let groups = vec![(pass_fail.clone(), vec![1]), (needs(names), vec![2, 3])];
        let package = modern_package(modern(HUNDRED, Aggregation::Sum, &[]), groups);
        let mut table = failing(marks);
        let grades = grade(&package, Stop::Never, &mut table).unwrap();
        let last = grades.groups.last().cloned().unwrap();
        (grades.score, table.asked, last.verdict)
    };
    let failed = run(&["secret/0"], &[(1, TimeLimit)]);
    assert_eq!(failed, (Some(0.0), vec![0, 1], TimeLimit));
    let passed = run(&["secret/0", "sample"], &[]);
    assert_eq!(passed, (HUNDRED, vec![0, 1, 2, 3], Accepted));
    let no_sample = run(&["sample"], &[(0, WrongAnswer)]);
    assert_eq!(no_sample, (Some(30.0), vec![0, 1], WrongAnswer));
}

#[test]
fn secret_is_not_run_when_it_requires_a_sample_that_failed() {
    let groups = vec![(modern(HUNDRED, Aggregation::PassFail, &[]), vec![1])];
    let package = modern_package(modern(HUNDRED, Aggregation::Sum, &["sample"]), groups);
    let mut table = failing(&[(0, RunTimeError)]);
    let got = graded(&package, Stop::Never, &mut table);
    assert_eq!((got, table.asked), ((RunTimeError, Some(0.0)), vec![0]));
}

#[test]
fn scores_over_the_maximum_are_a_fault_and_unbounded_ones_are_not() {
    let worth = |max| modern(max, Aggregation::Sum, &[]);
    let written = |text| Table {
        marks: HashMap::from([(1, mark(Accepted, Some(text), None))]),
        ..Table::default()
    };
    let over = modern_package(worth(Some(50.0)), vec![(worth(Some(60.0)), vec![1])]);
    let failed = fault(&over, &mut Table::default());
    assert!(failed.contains("secret failed") && failed.contains("over its max"));
    let unbounded = modern_package(worth(None), vec![(worth(None), vec![1])]);
    let got = graded(&unbounded, Stop::Never, &mut written("12345"));
    assert_eq!(got, (Accepted, Some(12345.0)));
    let senseless = modern(None, Aggregation::PassFail, &[]);
    let senseless = modern_package(worth(None), vec![(senseless, vec![1])]);
    assert!(fault(&senseless, &mut Table::default()).contains("all or nothing"));
}

#[test]
fn a_validator_keeps_to_one_kind_of_file() {
    let groups = vec![(modern(HUNDRED, Aggregation::Sum, &[]), vec![1, 2])];
    let package = modern_package(modern(HUNDRED, Aggregation::Sum, &[]), groups);
    let mut table = Table {
        marks: HashMap::from([
            (1, mark(Accepted, Some("5"), None)),
            (2, mark(Accepted, None, Some("0.5"))),
        ]),
        ..Table::default()
    };
    let failed = fault(&package, &mut table);
    assert!(
        failed.contains("case/2") && failed.contains("keep to one"),
        "{failed}"
    );
}

#[test]
fn the_source_is_a_case_of_its_own_with_its_own_share_of_the_score() {
    let with_source = |aggregation, score| {
        let mut secret = group("secret", modern(HUNDRED, aggregation, &[]), cases([0, 1]));
        let args = Vec::new();
        secret.static_validation = Some(StaticValidation { score, args });
        package(
            group("", Grading::PassFail, vec![Child::Group(secret)]),
            true,
        )
    };
    let said = |marked| Table {
        source: Some(marked),
        ..Table::default()
    };
    let sum = with_source(Aggregation::Sum, Some(20.0));
    let got = |marked| graded(&sum, Stop::WhenDecided, &mut said(marked));
    assert_eq!(got(mark(Accepted, None, None)), (Accepted, HUNDRED));
    assert_eq!(
        got(mark(Accepted, None, Some("0.5"))),
        (Accepted, Some(90.0))
    );
    assert_eq!(
        got(mark(WrongAnswer, None, None)),
        (WrongAnswer, Some(80.0))
    );
    let rejected = mark(WrongAnswer, Some("1"), None);
    assert!(fault(&sum, &mut said(rejected)).contains("rejects and writes"));

    let gate = with_source(Aggregation::PassFail, None);
    let mut table = said(mark(WrongAnswer, None, None));
    let got = graded(&gate, Stop::WhenDecided, &mut table);
    assert_eq!((got, table.asked), ((WrongAnswer, Some(0.0)), vec![]));
    let scored = mark(Accepted, Some("1"), None);
    assert!(fault(&gate, &mut said(scored)).contains("pass-fail group"));
}

#[test]
fn only_what_the_score_needs_is_run() {
    let asked = |aggregation, stop, verdict| {
        let groups = vec![
            (modern(Some(40.0), aggregation, &[]), vec![1, 2, 3]),
            (modern(Some(60.0), aggregation, &[]), vec![4]),
        ];
        let package = modern_package(modern(HUNDRED, Aggregation::Sum, &[]), groups);
        let mut table = failing(&[(2, verdict)]);
        graded(&package, stop, &mut table);
        table.asked
    };
    let (all, needed) = (vec![0, 1, 2, 3, 4], vec![0, 1, 2, 4]);
    for aggregation in [Aggregation::Min, Aggregation::PassFail] {
        assert_eq!(asked(aggregation, Stop::WhenDecided, WrongAnswer), needed);
        assert_eq!(asked(aggregation, Stop::AtTimeLimit, WrongAnswer), all);
        assert_eq!(asked(aggregation, Stop::AtTimeLimit, TimeLimit), needed);
        assert_eq!(asked(aggregation, Stop::Never, TimeLimit), all);
    }
    assert_eq!(asked(Aggregation::Sum, Stop::WhenDecided, TimeLimit), all);
}

#[test]
fn in_a_pass_fail_problem_the_first_that_is_not_accepted_decides_at_any_depth() {
    let deep = group("secret/a", Grading::PassFail, cases([1, 2]));
    let secret = group(
        "secret",
        Grading::PassFail,
        vec![Child::Group(deep), Child::Case(3)],
    );
    let sample = group("sample", Grading::PassFail, cases([0]));
    let children = vec![Child::Group(sample), Child::Group(secret)];
    let package = package(group("", Grading::PassFail, children), false);
    let marks = [(1, WrongAnswer), (2, TimeLimit)];
    for (stop, asked) in [
        (Stop::WhenDecided, vec![0, 1]),
        (Stop::AtTimeLimit, vec![0, 1, 2]),
        (Stop::Never, vec![0, 1, 2, 3]),
    ] {
        let mut table = failing(&marks);
        let grades = grade(&package, stop, &mut table).unwrap();
        assert_eq!((grades.verdict, grades.score), (WrongAnswer, None));
        assert_eq!(table.asked, asked, "{stop:?}");
        assert!(grades.groups.is_empty() && grades.cases.is_empty());
    }
}
