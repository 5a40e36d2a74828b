//! Points: which cases run, what a validator may write, what the judgement says.

use judge::package::{
    Aggregation, Child, DefaultGrader, Grader, Grading, Group, OnReject, PackageProgram, ScoreMode,
    StaticValidation, VerdictMode,
};
use judge::{Fault, Judgement, Verdict};

use crate::workshop::{Workshop, source};

/// Right for sums below 100, too slow to think about larger ones.
const SMALL_SUMS: &str = "a = sum(map(int, input().split()))\nprint(a if a < 100 else 0)\n";

/// Cases `secret/1` (sum 7), `secret/2` (sum 70) and `secret/3` (sum 700).
fn three_sums() -> Workshop {
    let mut workshop = Workshop::new();
    workshop.add_case("secret/2", "30 40\n", "70\n");
    workshop.add_case("secret/3", "300 400\n", "700\n");
    workshop.package.kind.scoring = true;
    workshop
}

fn group(name: &str, grading: Grading, cases: &[usize]) -> Child {
    Child::Group(Group {
        name: name.to_owned(),
        children: cases.iter().map(|&index| Child::Case(index)).collect(),
        grading,
        ..Group::default()
    })
}

fn modern(max_score: f64, aggregation: Aggregation, require_pass: &[&str]) -> Grading {
    Grading::Modern {
        max_score: Some(max_score),
        aggregation,
        require_pass: require_pass.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// A root with a secret group of these children.
fn secret(children: Vec<Child>) -> Group {
    let secret = Child::Group(Group {
        name: "secret".to_owned(),
        children,
        grading: modern(100.0, Aggregation::Sum, &[]),
        ..Group::default()
    });
    Group {
        children: vec![secret],
        ..Group::default()
    }
}

fn names(judgement: &Judgement) -> Vec<&str> {
    let cases = judgement.cases.iter();
    cases.map(|case| case.name.as_str()).collect()
}

fn groups(judgement: &Judgement) -> Vec<(&str, Verdict, Option<f64>)> {
    let groups = judgement.groups.iter();
    groups
        .map(|group| (group.name.as_str(), group.verdict, group.score))
        .collect()
}

#[test]
fn a_partial_solution_gets_the_points_of_the_groups_it_solves() {
    let mut workshop = three_sums();
    workshop.package.groups = secret(vec![
        group("secret/a", modern(30.0, Aggregation::Sum, &[]), &[0, 1]),
        group("secret/b", modern(50.0, Aggregation::PassFail, &[]), &[2]),
        group(
            "secret/c",
            modern(20.0, Aggregation::Min, &["secret/b"]),
            &[1],
        ),
    ]);
    let partial = workshop.judge("main.py", SMALL_SUMS);
    assert_eq!(partial.verdict, Verdict::WrongAnswer);
    assert_eq!(partial.score, Some(30.0));
    assert_eq!(
        groups(&partial),
        [
            ("secret", Verdict::WrongAnswer, Some(30.0)),
            ("secret/a", Verdict::Accepted, Some(30.0)),
            ("secret/b", Verdict::WrongAnswer, Some(0.0)),
            ("secret/c", Verdict::WrongAnswer, Some(0.0)),
        ]
    );
    assert_eq!(names(&partial), ["secret/1", "secret/2", "secret/3"]);
    let scores: Vec<_> = partial.cases.iter().map(|case| case.score).collect();
    assert_eq!(scores, [Some(15.0), Some(15.0), None]);

    let right = workshop.judge("main.py", "print(sum(map(int, input().split())))");
    assert_eq!(
        (right.verdict, right.score),
        (Verdict::Accepted, Some(100.0))
    );
    assert_eq!(right.reason, None);
}

#[test]
fn legacy_groups_break_off_and_are_put_together_by_the_default_grader() {
    let mut workshop = three_sums();
    let graded = |accept_score, verdict| Grading::Legacy {
        accept_score,
        reject_score: 0.0,
        range: (0.0, 100.0),
        grader: Grader::Default(DefaultGrader {
            verdict,
            score: ScoreMode::Sum,
            accept_if_any_accepted: true,
            ..DefaultGrader::default()
        }),
    };
    workshop.package.groups = Group {
        children: vec![
            group("secret/a", graded(5.0, VerdictMode::FirstError), &[2, 0, 1]),
            group("secret/b", graded(40.0, VerdictMode::WorstError), &[0, 1]),
        ],
        on_reject: OnReject::Continue,
        grading: graded(1.0, VerdictMode::WorstError),
        ..Group::default()
    };
    let judgement = workshop.judge("main.py", SMALL_SUMS);
    assert_eq!(
        (judgement.verdict, judgement.score),
        (Verdict::Accepted, Some(80.0))
    );
    assert_eq!(names(&judgement), ["secret/3", "secret/1", "secret/2"]);
    let [first, second] = groups(&judgement)[..] else {
        panic!("{judgement:?}");
    };
    assert_eq!(first, ("secret/a", Verdict::WrongAnswer, Some(0.0)));
    assert_eq!(second, ("secret/b", Verdict::Accepted, Some(80.0)));
}

#[test]
fn a_validator_gives_points_and_its_mistakes_are_not_the_submissions() {
    let mut workshop = three_sums();
    workshop.package.groups = secret(vec![group(
        "secret/a",
        modern(100.0, Aggregation::Min, &[]),
        &[0, 1],
    )]);
    let validator = |wrong: &str| {
        format!(
            "import sys\nright = open(sys.argv[2]).read() == sys.stdin.read()\n\
             if right: open(sys.argv[3] + 'score_multiplier.txt', 'w').write('0.25')\n\
             else: {wrong}\nsys.exit(42 if right else 43)\n"
        )
    };
    workshop.validator("check.py", &validator("pass"));
    let right = workshop.judge("main.py", "print(sum(map(int, input().split())))");
    assert_eq!(
        (right.verdict, right.score),
        (Verdict::Accepted, Some(25.0))
    );
    let wrong = workshop.judge("main.py", "print(7)");
    assert_eq!(
        (wrong.verdict, wrong.score),
        (Verdict::WrongAnswer, Some(0.0))
    );

    let scores = "open(sys.argv[3] + 'score.txt', 'w').write('1')";
    workshop.validator("check.py", &validator(scores));
    let judged = workshop.try_judge(&source(&[("main.py", "print(8)")]));
    let Err(Fault::Validator { case, what }) = judged else {
        panic!("{judged:?}");
    };
    assert_eq!(case, "secret/1");
    assert!(what.contains("rejects and writes score.txt"), "{what}");
}

#[test]
fn a_grader_of_the_package_decides_and_its_failure_is_not_the_submissions() {
    let mut workshop = three_sums();
    let grade_by = |workshop: &mut Workshop, content: &str| {
        let program = PackageProgram {
            name: "graders/grade.py".to_owned(),
            files: vec![workshop.file("graders/grade.py", content)],
        };
        workshop.package.groups = Group {
            children: (0..3).map(Child::Case).collect(),
            on_reject: OnReject::Continue,
            grading: Grading::Legacy {
                accept_score: 5.0,
                reject_score: 1.0,
                range: (0.0, 100.0),
                grader: Grader::Custom {
                    program,
                    flags: vec!["20".to_owned()],
                },
            },
            ..Group::default()
        };
    };
    let echo = "import sys\nlines = sys.stdin.read().split()\n\
                assert lines == ['AC', '5', 'AC', '5', 'WA', '1'], lines\nprint('AC', sys.argv[1])\n";
    grade_by(&mut workshop, echo);
    let judgement = workshop.judge("main.py", SMALL_SUMS);
    assert_eq!(
        (judgement.verdict, judgement.score),
        (Verdict::Accepted, Some(20.0))
    );
    grade_by(&mut workshop, "raise ValueError('no idea')\n");
    let judged = workshop.try_judge(&source(&[("main.py", SMALL_SUMS)]));
    let Err(Fault::Grading { group, what }) = judged else {
        panic!("{judged:?}");
    };
    assert_eq!(group, "data");
    assert!(what.contains("no idea"), "{what}");
}

#[test]
fn a_static_validator_reads_the_source_and_is_a_case_of_its_group() {
    let mut workshop = three_sums();
    let check = "import os, sys\nlanguage, entry_point, feedback, word = sys.argv[1:]\n\
                 assert (language, entry_point) == ('python3', 'main.py') and feedback.endswith('/')\n\
                 assert os.listdir('.') == ['main.py']\n\
                 sys.exit(43 if word in open(entry_point).read() else 42)\n";
    let file = workshop.file("static_validator/check.py", check);
    workshop.package.static_validator = Some(PackageProgram {
        name: "static_validator".to_owned(),
        files: vec![file],
    });
    let Child::Group(mut group) = group("secret/a", modern(100.0, Aggregation::Sum, &[]), &[0, 1])
    else {
        panic!("not a group");
    };
    group.static_validation = Some(StaticValidation {
        score: Some(40.0),
        args: vec!["sum".to_owned()],
    });
    workshop.package.groups = secret(vec![Child::Group(group)]);
    let with_sum = workshop.judge("main.py", SMALL_SUMS);
    assert_eq!(with_sum.score, Some(60.0));
    assert_eq!(with_sum.verdict, Verdict::WrongAnswer);
    let reason = with_sum.reason.as_ref().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("static-validation"));
    assert_eq!(
        names(&with_sum),
        ["secret/a (source)", "secret/1", "secret/2"]
    );
    let by_hand = "a, b = map(int, input().split())\nprint(a + b)\n";
    let without = workshop.judge("main.py", by_hand);
    assert_eq!(
        (without.verdict, without.score),
        (Verdict::Accepted, Some(100.0))
    );
}
