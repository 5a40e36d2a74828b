use crate::fixture::{Fixture, assert_says};

const RUN_ERRORS: [&str; 3] = ["RTE", "MLE", "OLE"];

fn program(fixture: Fixture, path: &str) -> Fixture {
    fixture.file(&format!("submissions/{path}"), "")
}

#[test]
fn a_directorys_name_says_what_its_submissions_get() {
    for (directory, expected) in [
        ("accepted", &["AC"][..]),
        ("slow_accepted", &["AC"]),
        ("wrong_answer", &["WA"]),
        ("no_output", &["WA"]),
        ("time_limit_exceeded", &["TLE"]),
        ("run_time_error", &RUN_ERRORS),
        ("memory_limit_exceeded", &["MLE"]),
        ("output_limit", &["OLE"]),
        ("compiler_error", &["CE"]),
        ("compile_error", &["CE"]),
        ("mixed", &["AC", "WA", "TLE", "RTE", "MLE", "OLE"]),
    ] {
        let path = format!("{directory}/x.py");
        for fixture in [Fixture::legacy(""), Fixture::modern("")] {
            let fixture = program(fixture, &path);
            assert_eq!(fixture.expected(&path), expected, "{directory}");
            assert_eq!(fixture.warnings(), [""; 0], "{directory}");
        }
    }
}

#[test]
fn the_two_formats_permit_different_things_beside_the_verdict_shown() {
    let permitted = |fixture: Fixture, path: &str| -> Vec<&str> {
        let expectation = program(fixture, path).submission(path).expectation;
        let verdicts = expectation.rules[0].permitted.iter();
        verdicts.map(|verdict| verdict.code()).collect()
    };
    let path = "time_limit_exceeded/x.c";
    assert_eq!(permitted(Fixture::legacy(""), path), ["AC", "WA", "TLE"]);
    assert_eq!(permitted(Fixture::modern(""), path), ["AC", "TLE"]);
    let path = "run_time_error/x.c";
    assert_eq!(permitted(Fixture::legacy(""), path), [""; 0]);
    assert_eq!(
        permitted(Fixture::modern(""), path),
        ["AC", "RTE", "MLE", "OLE"]
    );
    let path = "brute_force/x.c";
    assert_eq!(
        permitted(Fixture::modern(""), path),
        ["AC", "TLE", "RTE", "MLE", "OLE"]
    );
}

#[test]
fn times_bound_the_limit_as_each_format_says() {
    let bounds = |fixture: Fixture, path: &str| {
        let expectation = program(fixture, path).submission(path).expectation;
        let upper = expectation.upper_bounds().count() == 1;
        (expectation.is_lower_bound("secret/1"), upper)
    };
    let legacy = |path| bounds(Fixture::legacy(""), path);
    let modern = |path| bounds(Fixture::modern(""), path);
    assert_eq!(legacy("accepted/x.c"), (true, false));
    assert_eq!(modern("accepted/x.c"), (true, false));
    assert_eq!(legacy("wrong_answer/x.c"), (false, false));
    assert_eq!(modern("wrong_answer/x.c"), (true, false));
    assert_eq!(modern("run_time_error/x.c"), (true, false));
    assert_eq!(legacy("time_limit_exceeded/x.c"), (false, true));
    assert_eq!(modern("time_limit_exceeded/x.c"), (false, true));
    assert_eq!(modern("brute_force/x.c"), (false, false));
    assert_eq!(legacy("slow_accepted/x.c"), (false, false));
}

#[test]
fn a_submission_is_a_file_or_a_directory_of_files() {
    let fixture = program(Fixture::legacy(""), "accepted/two/a.cpp");
    let fixture = program(fixture, "accepted/two/b.h");
    let fixture = program(fixture, "accepted/two/deep/c.h");
    let fixture = program(fixture, "stray.c");
    let files = fixture.submission("accepted/two").files;
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a.cpp", "b.h"]);
    assert_eq!(
        fixture.warnings(),
        [
            "submissions/accepted/two/deep/c.h: too deep for a submission, left out",
            "submissions/stray.c: not in a directory, not a submission",
        ]
    );
}

#[test]
fn a_directory_that_says_nothing_is_told() {
    let fixture = program(Fixture::legacy(""), "ideas/x.c");
    let warnings = fixture.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("any verdict"), "{warnings:?}");
}

#[test]
fn an_annotation_narrows_a_directory_that_says_nothing() {
    let text = "# @EXPECTED_RESULTS@: RUN-ERROR, wrong-answer\n";
    let fixture = Fixture::legacy("").file("submissions/mixed/x.py", text);
    assert_eq!(fixture.expected("mixed/x.py"), ["RTE", "MLE", "OLE", "WA"]);
    assert_eq!(fixture.warnings(), [""; 0]);
}

#[test]
fn an_annotation_that_lists_its_directorys_verdict_is_narrowed_to_it() {
    let text = "# @EXPECTED_RESULTS@: TIMELIMIT, WRONG-ANSWER\n";
    let fixture = Fixture::legacy("").file("submissions/wrong_answer/x.py", text);
    assert_eq!(fixture.expected("wrong_answer/x.py"), ["WA"]);
    assert_eq!(fixture.warnings().len(), 1);
    let same = "# @EXPECTED_RESULTS@: WRONG-ANSWER\n";
    let fixture = Fixture::legacy("").file("submissions/wrong_answer/x.py", same);
    assert_eq!(fixture.warnings(), [""; 0]);
}

#[test]
fn an_annotation_that_contradicts_its_directory_is_believed() {
    let text = "# @EXPECTED_RESULTS@: TIMELIMIT\n";
    let fixture = Fixture::legacy("").file("submissions/wrong_answer/x.py", text);
    assert_eq!(fixture.expected("wrong_answer/x.py"), ["TLE"]);
    assert_eq!(fixture.warnings().len(), 1);
}

#[test]
fn annotations_that_mean_nothing_are_told_and_the_directory_is_believed() {
    let correct = "@EXPECTED_RESULTS@: CORRECT";
    let two = Fixture::legacy("")
        .file("submissions/wrong_answer/x/a.c", correct)
        .file("submissions/wrong_answer/x/b.c", correct);
    assert_eq!(two.expected("wrong_answer/x"), ["WA"]);
    assert_eq!(
        two.warnings(),
        [
            "submissions/wrong_answer/x: has @EXPECTED_RESULTS@ lines in two files; its directory is believed"
        ]
    );
    for text in [
        "@EXPECTED_RESULTS@: PERFECT",
        "@EXPECTED_SCORE@: 1\n@EXPECTED_SCORE@: 1",
    ] {
        let fixture = program(Fixture::legacy(""), "wrong_answer/x.c");
        let fixture = fixture.file("submissions/wrong_answer/x.c", text);
        assert_eq!(fixture.expected("wrong_answer/x.c"), ["WA"]);
        let warnings = fixture.warnings();
        assert!(
            warnings.len() == 1 && warnings[0].contains("x.c"),
            "{warnings:?}"
        );
    }
}

fn with_rules(yaml: &str) -> Fixture {
    Fixture::modern("").file("submissions/submissions.yaml", yaml)
}

#[test]
fn a_rule_that_is_there_twice_or_matches_nothing_is_told_with_its_line() {
    let fixture = with_rules(
        "accepted: {}\naccepted: {permitted: [AC]}\nwrong/*: {}\n'accepted/*':\n  secret/big:\n    required: [AC]\nmixed:\n",
    );
    assert_eq!(
        fixture.warnings(),
        [
            "submissions/submissions.yaml:7: mixed says nothing, not read",
            "submissions/submissions.yaml:1: accepted is there again below, and that one counts",
            "submissions/submissions.yaml:3: wrong/* matches no submission",
            "submissions/submissions.yaml:5: secret/big matches no test case or group",
        ]
    );
}

#[test]
fn a_legacy_package_has_no_rules_and_says_so() {
    let fixture = Fixture::legacy("").file("submissions/submissions.yaml", "accepted: {}");
    assert_eq!(
        fixture.warnings(),
        ["submissions/submissions.yaml: legacy packages have no such file, not read"]
    );
}

#[test]
fn rules_name_language_and_entry_point() {
    let fixture = with_rules("accepted/right.py: {language: python3, entrypoint: main.py}");
    let submission = fixture.submission("accepted/right.py");
    assert_eq!(submission.language.as_deref(), Some("python3"));
    assert_eq!(submission.entry_point.as_deref(), Some("main.py"));
    assert_eq!(fixture.expected("accepted/right.py"), ["AC"]);
}

#[test]
fn naming_a_directory_replaces_its_default_key_by_key() {
    let fixture = with_rules("wrong_answer: {permitted: [AC, WA, TLE]}");
    let rules = program(fixture, "wrong_answer/x.c")
        .submission("wrong_answer/x.c")
        .expectation
        .rules;
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0].permitted.len(), 3);
    assert_eq!(rules[0].required.len(), 1);
    assert!(!rules[0].lower_bound);
}

#[test]
fn a_pattern_below_a_directory_adds_to_its_default() {
    let fixture = with_rules("wrong_answer/*: {message: off by one}");
    let rules = program(fixture, "wrong_answer/x.c")
        .submission("wrong_answer/x.c")
        .expectation
        .rules;
    assert_eq!(rules.len(), 2);
    let message = rules.iter().find_map(|rule| rule.message.as_deref());
    assert_eq!(message, Some("off by one"));
    assert!(rules.iter().any(|rule| rule.required.len() == 1));
}

#[test]
fn rules_may_be_about_some_cases_only() {
    let fixture = with_rules(
        "mixed/{x,y}.c:\n  use_for_time_limit: false\n  permitted: [AC, TLE]\n  \
         secret/*-big: {required: [TLE]}\n  sample: {permitted: [AC]}",
    );
    let fixture = program(fixture, "mixed/y.c")
        .case("sample/1")
        .case("secret/2-big");
    let expectation = fixture.submission("mixed/y.c").expectation;
    assert_eq!(expectation.rules.len(), 3);
    assert!(expectation.is_lower_bound("sample/1"));
    assert!(!expectation.is_lower_bound("secret/1"));
    let upper: Vec<_> = expectation.upper_bounds().collect();
    assert_eq!(upper.len(), 1);
    assert!(upper[0].covers("secret/2-big") && !upper[0].covers("secret/2"));
    assert_eq!(fixture.warnings(), [""; 0]);
}

#[test]
fn use_for_time_limit_says_which_bound() {
    for (word, bounds) in [
        ("lower", (true, false)),
        ("upper", (false, true)),
        ("false", (false, false)),
        ("true", (true, false)),
    ] {
        let fixture = with_rules(&format!("accepted: {{use_for_time_limit: {word}}}"));
        let expectation = fixture.submission("accepted/right.py").expectation;
        let upper = expectation.upper_bounds().count() == 1;
        assert_eq!(
            (expectation.is_lower_bound("secret/1"), upper),
            bounds,
            "{word}"
        );
    }
}

#[test]
fn rules_that_mean_nothing_are_refused_by_their_key() {
    for (yaml, word) in [
        ("accepted: {permitted: [OK]}", "accepted.permitted"),
        ("accepted: {permitted: []}", "must not be empty"),
        ("accepted: {required: AC}", "accepted.required"),
        (
            "accepted: {use_for_time_limit: maybe}",
            "use_for_time_limit",
        ),
        ("accepted: 5", "accepted"),
        ("'a/**': {}", "pattern"),
        ("'{a': {}", "brace"),
    ] {
        let error = with_rules(yaml).refusal();
        assert_says(&error, &["submissions/submissions.yaml", word]);
    }
    let fixture = with_rules("accepted: {colour: red, score: 5}");
    assert_eq!(fixture.warnings().len(), 2);
}
