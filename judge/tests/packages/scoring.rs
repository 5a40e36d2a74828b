//! Scores of 2025-09: `test_group.yaml` with bounds, aggregation, requirements and static validation.

use judge::package::{Aggregation, Grading, Group, OnReject, PackageError, StaticValidation};

use crate::fixture::{Fixture, assert_says};

fn scoring(secret: &str) -> Fixture {
    Fixture::modern("type: scoring")
        .without("data/secret")
        .case("sample/1")
        .file("data/secret/test_group.yaml", secret)
}

fn two_groups(secret: &str, first: &str, second: &str) -> Fixture {
    scoring(secret)
        .file("data/secret/a/test_group.yaml", first)
        .file("data/secret/b/test_group.yaml", second)
        .case("secret/a/1")
        .case("secret/b/plain/1")
        .case("secret/b/2")
}

fn group(fixture: &Fixture, name: &str) -> Group {
    let root = fixture.load().groups;
    let mut all = root.all().into_iter();
    all.find(|group| group.name == name).unwrap().clone()
}

fn modern(max_score: Option<f64>, aggregation: Aggregation, require_pass: &[&str]) -> Grading {
    Grading::Modern {
        max_score,
        aggregation,
        require_pass: require_pass.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn groups_get_the_defaults_of_their_level() {
    let fixture = two_groups("", "max_score: 30", "max_score: 70\nscore_aggregation: min");
    let grading = |name| group(&fixture, name).grading;
    assert_eq!(
        grading("secret"),
        modern(Some(100.0), Aggregation::Sum, &[])
    );
    assert_eq!(
        grading("secret/a"),
        modern(Some(30.0), Aggregation::PassFail, &[])
    );
    assert_eq!(
        grading("secret/b"),
        modern(Some(70.0), Aggregation::Min, &[])
    );
    assert_eq!(grading("sample"), Grading::PassFail);
    assert_eq!(grading(""), modern(Some(100.0), Aggregation::Sum, &[]));
    assert_eq!(group(&fixture, "").on_reject, OnReject::Continue);
    assert_eq!(group(&fixture, "secret").on_reject, OnReject::Continue);
    assert_eq!(group(&fixture, "secret/a").on_reject, OnReject::Break);
}

#[test]
fn plain_directories_are_no_groups() {
    let fixture = two_groups("", "max_score: 30", "max_score: 70");
    let package = fixture.load();
    let names: Vec<_> = package
        .groups
        .all()
        .iter()
        .map(|g| g.name.clone())
        .collect();
    assert_eq!(names, ["", "sample", "secret", "secret/a", "secret/b"]);
    let b = group(&fixture, "secret/b").cases();
    let cases: Vec<_> = b
        .iter()
        .map(|at| package.cases[*at].name.as_str())
        .collect();
    assert_eq!(cases, ["secret/b/2", "secret/b/plain/1"]);
}

#[test]
fn without_groups_secret_holds_the_cases_itself() {
    let fixture = scoring("score_aggregation: min\nmax_score: unbounded").case("secret/x/1");
    assert_eq!(
        group(&fixture, "secret").grading,
        modern(None, Aggregation::Min, &[])
    );
    assert_eq!(group(&fixture, "secret").cases(), [1]);
}

#[test]
fn requirements_name_sample_or_an_earlier_group() {
    let fixture = two_groups(
        "",
        "max_score: 1",
        "max_score: 2\nrequire_pass: [sample, a]",
    );
    let expected = modern(Some(2.0), Aggregation::PassFail, &["sample", "secret/a"]);
    assert_eq!(group(&fixture, "secret/b").grading, expected);
    let later = two_groups("", "max_score: 1\nrequire_pass: b", "max_score: 2");
    assert_says(
        &later.refusal(),
        &[
            "data/secret/a/test_group.yaml:2: ",
            "require_pass",
            "secret/b",
            "before",
        ],
    );
    let nobody = two_groups("", "max_score: 1", "max_score: 2\nrequire_pass: aa");
    assert_says(
        &nobody.refusal(),
        &["data/secret/b/test_group.yaml:2: ", "no group"],
    );
    let secret = two_groups("require_pass: a", "max_score: 1", "max_score: 2");
    assert_says(
        &secret.refusal(),
        &["data/secret/test_group.yaml:1: ", "only name sample"],
    );
}

#[test]
fn the_groups_must_be_able_to_reach_the_score_of_secret_and_no_more() {
    let of = |secret: &str, first: &str, second: &str| two_groups(secret, first, second);
    let too_much = of("\nmax_score: 90", "max_score: 30", "max_score: 70").refusal();
    let says = ["data/secret/test_group.yaml:2: ", "adds up to 100", "of 90"];
    assert_says(&too_much, &says);
    let implied = of("", "max_score: 30", "score_aggregation: sum\nmax_score: 71").refusal();
    assert_says(
        &implied,
        &["data/secret/b/test_group.yaml:2: ", "101", "of 100"],
    );
    let least = of(
        "score_aggregation: min\nmax_score: 10",
        "max_score: 30",
        "max_score: 20",
    );
    let says = ["data/secret/test_group.yaml:2: ", "give 20 at best"];
    assert_says(&least.refusal(), &says);
    let too_little = of("max_score: 100", "max_score: 30", "max_score: 60").warnings();
    assert_eq!(
        too_little,
        [
            "data/secret/test_group.yaml:1: what the groups of data/secret give adds up to 90, so nobody reaches its max_score of 100"
        ]
    );
    let fits = [
        ("max_score: 100", "max_score: 33.3", "max_score: 66.7"),
        ("score_aggregation: min", "max_score: 100", "max_score: 101"),
        (
            "score_aggregation: pass-fail",
            "max_score: 1",
            "max_score: 2",
        ),
    ];
    for (secret, first, second) in fits {
        assert_eq!(of(secret, first, second).warnings(), [""; 0], "{secret}");
    }
}

#[test]
fn what_is_wrong_with_a_bound_is_told_at_its_line() {
    let unbounded = two_groups("", "\nmax_score: unbounded", "max_score: 2").refusal();
    assert_says(&unbounded, &["data/secret/a/test_group.yaml:2: "]);
    let more = "max_score: 5\nstatic_validation_score: 6";
    let more = two_groups("", more, "max_score: 2").refusal();
    assert_says(&more, &["data/secret/a/test_group.yaml:2: "]);
}

#[test]
fn bounds_that_do_not_fit_together_are_refused() {
    for (secret, first, says) in [
        ("", "", "must give max_score"),
        ("max_score: unbounded", "", "bounded max_score"),
        ("", "max_score: -1", "not negative"),
        (
            "",
            "max_score: 5\nscore_aggregation: avg",
            "pass-fail, sum or min",
        ),
        (
            "",
            "max_score: 5\nstatic_validation_score: 6",
            "more than max_score",
        ),
        (
            "",
            "max_score: 5\nscore_aggregation: sum\nstatic_validation_score: pass-fail",
            "such an aggregation",
        ),
        (
            "score_aggregation: pass-fail",
            "max_score: 5\nscore_aggregation: sum",
            "has it",
        ),
    ] {
        let error = two_groups(secret, first, "max_score: 2").refusal();
        assert!(matches!(error, PackageError::Invalid { .. }), "{error}");
        assert_says(&error, &["data/secret/a/test_group.yaml", says]);
    }
    let sample = scoring("")
        .case("secret/1")
        .file("data/sample/test_group.yaml", "max_score: 5");
    assert_says(
        &sample.refusal(),
        &["data/sample/test_group.yaml:1: ", "max_score"],
    );
}

#[test]
fn static_validation_may_be_all_that_a_group_has() {
    let fixture = scoring("")
        .file("static_validator/check.py", "")
        .file(
            "data/secret/style/test_group.yaml",
            "max_score: 10\nscore_aggregation: sum\nstatic_validation_score: 10\nstatic_validator_args: [short]",
        )
        .file("data/secret/tests/test_group.yaml", "max_score: 90")
        .case("secret/tests/1");
    let style = group(&fixture, "secret/style");
    let expected = StaticValidation {
        score: Some(10.0),
        args: vec!["short".to_owned()],
    };
    assert_eq!(style.static_validation, Some(expected));
    assert_eq!(style.cases(), [0; 0]);
    assert_eq!(group(&fixture, "secret/tests").static_validation, None);
    let program = fixture.load().static_validator;
    assert_eq!(
        program.map(|program| program.name).as_deref(),
        Some("static_validator")
    );
}

#[test]
fn static_validation_of_a_pass_fail_package_accepts_or_rejects() {
    let with = |score: &str| {
        Fixture::modern("")
            .file("static_validator/check.py", "")
            .file(
                "data/secret/test_group.yaml",
                &format!("static_validation_score: {score}"),
            )
    };
    let static_validation = group(&with("pass-fail"), "secret").static_validation;
    assert_eq!(static_validation.unwrap().score, None);
    assert_says(
        &with("5").refusal(),
        &["static_validation_score", "pass-fail"],
    );
}

#[test]
fn a_group_that_asks_for_static_validation_needs_the_program() {
    let fixture = Fixture::modern("").file(
        "data/secret/test_group.yaml",
        "static_validation_score: pass-fail",
    );
    assert_says(
        &fixture.refusal(),
        &["static_validator", "static_validation_score"],
    );
}

#[test]
fn what_submissions_score_is_read_with_its_rule() {
    let rules = "accepted:\n  score: 100\nmixed/x.py:\n  secret/a: {score: [5, 20.5]}\n";
    let fixture = two_groups("", "max_score: 30", "max_score: 70")
        .file("submissions/mixed/x.py", "")
        .file("submissions/submissions.yaml", rules);
    let rules = |path| fixture.submission(path).expectation.rules;
    assert_eq!(rules("accepted/right.py")[0].score, Some((100.0, 100.0)));
    let of_group = rules("mixed/x.py").remove(0);
    assert_eq!(of_group.score, Some((5.0, 20.5)));
    assert_eq!(of_group.said_by, "submissions/submissions.yaml:4");
    assert!(of_group.covers("secret/a/1") && !of_group.covers("secret/b/2"));
}
