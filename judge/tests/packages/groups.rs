//! Test groups of the legacy format: `testdata.yaml`, inherited key by key, and graders.

use judge::package::{
    Child, DefaultGrader, Grader, Grading, Group, Objective, OnReject, PackageError, ScoreMode,
    VerdictMode,
};

use crate::fixture::{Fixture, assert_says, assert_unsupported};

/// A group of a tree by its name.
fn group(fixture: &Fixture, name: &str) -> Group {
    let root = fixture.load().groups;
    root.all()
        .into_iter()
        .find(|group| group.name == name)
        .unwrap()
        .clone()
}

fn olympiad() -> Fixture {
    Fixture::legacy("type: scoring")
        .without("data/secret")
        .case("sample/1")
        .file(
            "data/testdata.yaml",
            "on_reject: continue\ngrader_flags: ignore_sample\nrange: 0 100\n",
        )
        .file("data/sample/testdata.yaml", "accept_score: 0\nrange: 0 0\n")
        .file(
            "data/secret/testdata.yaml",
            "grader_flags: first_error accept_if_any_accepted\n",
        )
        .file(
            "data/secret/g1/testdata.yaml",
            "on_reject: break\naccept_score: 20\nrange: 0 20\ngrader_flags: min\n",
        )
        .file("data/secret/g2/testdata.yaml", "accept_score: 80\n")
        .case("secret/g1/1")
        .case("secret/g1/deep/1")
        .case("secret/g2/1")
}

#[test]
fn the_tree_has_a_group_for_every_directory_in_judging_order() {
    let package = olympiad().load();
    let names: Vec<_> = package
        .groups
        .all()
        .iter()
        .map(|g| g.name.clone())
        .collect();
    let expected = [
        "",
        "sample",
        "secret",
        "secret/g1",
        "secret/g1/deep",
        "secret/g2",
    ];
    assert_eq!(names, expected);
    assert_eq!(package.groups.cases(), [0, 1, 2, 3]);
    let g1 = group(&olympiad(), "secret/g1");
    assert!(
        matches!(&g1.children[..], [Child::Case(1), Child::Group(deep)] if deep.cases() == [2])
    );
}

#[test]
fn each_key_is_inherited_on_its_own() {
    let legacy = |name: &str| match group(&olympiad(), name).grading {
        Grading::Legacy {
            accept_score,
            reject_score,
            range,
            grader: Grader::Default(grader),
        } => (accept_score, reject_score, range, grader),
        other => panic!("{name}: {other:?}"),
    };
    let (accept, reject, range, grader) = legacy("secret/g1/deep");
    assert_eq!((accept, reject, range), (20.0, 0.0, (0.0, 20.0)));
    assert_eq!(grader.score, ScoreMode::Min);
    assert!(!grader.accept_if_any_accepted, "flags are one key");
    let (accept, _, range, grader) = legacy("secret/g2");
    assert_eq!((accept, range), (80.0, (0.0, 100.0)));
    assert_eq!(grader.verdict, VerdictMode::FirstError);
    assert!(grader.accept_if_any_accepted);
    let on_reject = |name| group(&olympiad(), name).on_reject;
    assert_eq!(on_reject("secret/g2"), OnReject::Continue);
    assert_eq!(on_reject("secret/g1/deep"), OnReject::Break);
}

#[test]
fn ignore_sample_is_for_the_root_alone() {
    let ignores = |name: &str| match group(&olympiad(), name).grading {
        Grading::Legacy {
            grader: Grader::Default(grader),
            ..
        } => grader.ignore_sample,
        other => panic!("{name}: {other:?}"),
    };
    assert!(ignores(""));
    assert!(!ignores("sample"));
}

#[test]
fn of_conflicting_flags_the_last_wins() {
    let grader = |flags: &str| {
        let yaml = format!("grader_flags: {flags}");
        let fixture = Fixture::legacy("type: scoring").file("data/testdata.yaml", &yaml);
        match fixture.load().groups.grading {
            Grading::Legacy {
                grader: Grader::Default(grader),
                ..
            } => grader,
            other => panic!("{other:?}"),
        }
    };
    let expected = DefaultGrader {
        verdict: VerdictMode::AlwaysAccept,
        score: ScoreMode::Avg,
        ..DefaultGrader::default()
    };
    assert_eq!(grader("min first_error avg always_accept"), expected);
    assert_eq!(grader("no_errors sum"), DefaultGrader::default());
}

#[test]
fn a_flag_that_no_grader_knows_is_refused_with_its_line() {
    let fixture = Fixture::legacy("").file(
        "data/secret/testdata.yaml",
        "# many\ngrader_flags: plurality_wins\n",
    );
    let file = "data/secret/testdata.yaml";
    assert_unsupported(&fixture, "the grader flag plurality_wins", file);
    assert_says(&fixture.refusal(), &["data/secret/testdata.yaml:2: "]);
}

#[test]
fn plain_pass_fail_groups_need_no_grader() {
    let grading = |yaml: &str| {
        let fixture = Fixture::legacy("").file("data/testdata.yaml", yaml);
        fixture.load().groups.grading
    };
    assert_eq!(grading("on_reject: break"), Grading::PassFail);
    assert_eq!(
        grading("grader_flags: first_error\non_reject: continue"),
        Grading::PassFail
    );
    assert_eq!(grading("accept_score: 5\nrange: 0 5"), Grading::PassFail);
    for changes_the_verdict in [
        "on_reject: continue",
        "grader_flags: always_accept",
        "grader_flags: accept_if_any_accepted",
        "{on_reject: continue, grader_flags: ignore_sample}",
    ] {
        let grading = grading(changes_the_verdict);
        assert!(
            matches!(grading, Grading::Legacy { .. }),
            "{changes_the_verdict}"
        );
    }
}

#[test]
fn a_grader_of_the_packages_own_is_one_program() {
    let custom = || {
        Fixture::legacy("type: scoring").file(
            "data/secret/testdata.yaml",
            "grading: custom\ngrader_flags: all 20\n",
        )
    };
    let fixture = custom().file("graders/grade.py", "");
    match group(&fixture, "secret").grading {
        Grading::Legacy {
            grader: Grader::Custom { program, flags },
            ..
        } => {
            assert_eq!(program.name, "graders/grade.py");
            assert_eq!(flags, ["all", "20"]);
        }
        other => panic!("{other:?}"),
    }
    assert_says(&custom().refusal(), &["graders", "grading: custom"]);
    let two = custom().file("graders/a.py", "").file("graders/b.py", "");
    assert_unsupported(&two, "more than one grader", "graders");
}

#[test]
fn very_old_packages_say_it_in_problem_yaml() {
    let fixture = Fixture::legacy(
        "type: scoring\ngrading:\n  on_reject: grade\n  accept_score: 7.0\n  reject_score: 1.0\n  \
         range: -inf +inf\n  objective: min\n  show_test_data_groups: yes",
    );
    let package = fixture.load();
    assert_eq!(package.objective, Objective::Min);
    assert!(package.shows_groups);
    assert_eq!(package.groups.on_reject, OnReject::Continue);
    match package.groups.grading {
        Grading::Legacy {
            accept_score,
            reject_score,
            range,
            ..
        } => {
            assert_eq!((accept_score, reject_score), (7.0, 1.0));
            assert_eq!(range, (f64::NEG_INFINITY, f64::INFINITY));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fixture.warnings(), [""; 0]);
}

#[test]
fn settings_that_mean_nothing_are_refused_by_key_and_line() {
    for (yaml, says) in [
        ("on_reject: stop", "on_reject"),
        ("grading: own", "grading"),
        ("accept_score: many", "accept_score"),
        ("range: 5", "range"),
        ("range: 9 3", "range"),
        ("output_validator_flags: {name: x, colour: red}", "colour"),
    ] {
        let error = Fixture::legacy("type: scoring")
            .file("data/secret/testdata.yaml", &format!("\n{yaml}"))
            .refusal();
        assert!(
            matches!(error, PackageError::Invalid { .. }),
            "{yaml}: {error}"
        );
        assert_says(&error, &["data/secret/testdata.yaml:2: ", says]);
    }
}

#[test]
fn several_output_validators_get_their_own_flags_each() {
    let fixture = Fixture::legacy("validation: custom\nvalidator_flags: all")
        .file("output_validators/first/check.cpp", "")
        .file("output_validators/second.py", "")
        .file(
            "data/secret/testdata.yaml",
            "output_validator_flags: {name: second, flags: strict}",
        );
    let package = fixture.load();
    let programs = package.validator.programs();
    let names: Vec<_> = programs
        .iter()
        .map(|program| program.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["output_validators/first", "output_validators/second.py"]
    );
    let case = fixture.test_case("secret/1");
    assert_eq!(case.args_of_validator(&programs[0]), ["all"]);
    assert_eq!(case.args_of_validator(&programs[1]), ["all", "strict"]);
}

#[test]
fn arguments_for_a_validator_that_is_not_there_are_not_lost_in_silence() {
    let with = |flags: &str| {
        Fixture::legacy("validation: custom")
            .file("output_validators/first.py", "")
            .file("output_validators/second.py", "")
            .file("input_validators/small.py", "")
            .file("data/secret/testdata.yaml", flags)
            .case("secret/deep/1")
    };
    let error = with("output_validator_flags: {name: third, flags: x}").refusal();
    assert_says(&error, &["data/secret: names the output validator third"]);
    assert_eq!(
        with("input_validator_flags: {name: large, flags: x}").warnings(),
        ["data/secret: names the input validator large, which is not there"]
    );
}

#[test]
fn input_validators_get_their_flags_by_name_or_all_alike() {
    let with = |flags: &str| {
        let yaml = format!("input_validator_flags: {flags}");
        Fixture::legacy("")
            .file("input_validators/small.py", "")
            .file("input_format_validators/old/check.cpp", "")
            .file("data/secret/testdata.yaml", &yaml)
    };
    let args = |flags: &str| -> Vec<String> {
        let fixture = with(flags);
        let case = fixture.test_case("secret/1");
        let programs = fixture.load().input_validators;
        let of = |program| case.input_validator_args.of(program).join(" ");
        programs.iter().map(of).collect()
    };
    assert_eq!(args("max=5 x=1"), ["max=5 x=1", "max=5 x=1"]);
    assert_eq!(args("{name: small, flags: max=5}"), ["max=5", ""]);
    assert_eq!(args("{old: max=9}"), ["", "max=9"]);
}

#[test]
fn tolerances_given_twice_are_read_as_the_last_one() {
    let fixture = Fixture::legacy("validator_flags: float_tolerance 1e-6").file(
        "data/secret/testdata.yaml",
        "output_validator_flags: float_absolute_tolerance 1e-4",
    );
    assert_eq!(
        fixture.test_case("secret/1").validator_args.join(" "),
        "float_absolute_tolerance 1e-4 float_relative_tolerance 1e-6"
    );
}
