//! What holds for both formats: cases in order, YAML, warnings.

use judge::package::{Package, PackageError};
use proptest::prelude::*;

use crate::fixture::{Fixture, assert_says, assert_unsupported};

#[test]
fn cases_come_samples_first_and_then_by_name_at_each_level() {
    let fixture = Fixture::legacy("")
        .case("secret/a/2")
        .case("secret/a/10")
        .case("secret/a-b/1")
        .case("secret/B")
        .case("sample/2")
        .case("sample/1");
    let cases = fixture.load().cases;
    let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
    let expected = [
        "sample/1",
        "sample/2",
        "secret/1",
        "secret/B",
        "secret/a/10",
        "secret/a/2",
        "secret/a-b/1",
    ];
    assert_eq!(names, expected);
    let samples = cases.iter().filter(|case| case.is_sample);
    assert_eq!(samples.count(), 2);
}

#[test]
fn half_a_case_is_missed_by_its_file() {
    let error = Fixture::legacy("").without("data/secret/1.ans").refusal();
    assert!(matches!(error, PackageError::Missing { .. }));
    assert_says(&error, &["data/secret/1.ans"]);
    let error = Fixture::modern("").without("data/secret/1.in").refusal();
    assert!(matches!(error, PackageError::Missing { .. }));
    assert_says(&error, &["data/secret/1.in"]);
}

#[test]
fn a_package_without_cases_is_refused_and_one_without_secrets_warned_about() {
    let error = Fixture::legacy("").without("data").refusal();
    assert_says(&error, &["data/secret", "at least one test case"]);
    let samples = Fixture::legacy("").without("data").case("sample/1");
    assert_says_warning(&samples, "data/secret: no secret case");
}

#[test]
fn a_directory_without_problem_yaml_is_no_package() {
    let error = Fixture::legacy("").without("problem.yaml").refusal();
    assert!(matches!(error, PackageError::Missing { .. }));
    assert_says(&error, &["problem.yaml", "a package is"]);
}

#[test]
fn a_compressed_case_is_not_passed_over() {
    for path in ["data/secret/2.in.gz", "data/sample/1.ans.xz"] {
        let fixture = Fixture::legacy("")
            .file("data/secret/2.ans", "")
            .file(path, "");
        assert_unsupported(&fixture, "a compressed file of a test case", path);
    }
    let notes = Fixture::legacy("").file("data/secret/notes.gz", "");
    assert_eq!(notes.warnings().len(), 1);
}

#[test]
fn the_directory_above_a_package_is_told_from_it() {
    let fixture = Fixture::legacy("")
        .without("problem.yaml")
        .file("inner/problem.yaml", "name: Inner");
    assert_says(&fixture.refusal(), &["problem.yaml is missing", "inner"]);
    let two = Fixture::legacy("").file("inner/problem.yaml", "name: Inner");
    assert_says(&two.refusal(), &["inner/problem.yaml", "one problem"]);
}

#[test]
fn a_path_that_is_not_there_fails_by_its_name() {
    let path = Fixture::legacy("").root().join("nowhere");
    let error = Package::load(&path).unwrap_err();
    assert!(matches!(error, PackageError::Io { .. }));
    assert_says(&error, &["nowhere"]);
}

#[test]
fn broken_yaml_is_refused_with_its_line() {
    let error = Fixture::legacy("limits: {memory: 5").refusal();
    assert!(matches!(error, PackageError::Syntax { line: Some(_), .. }));
    assert_says(&error, &["problem.yaml:3: "]);
    let list = Fixture::legacy("").file("problem.yaml", "- name");
    assert_says(&list.refusal(), &["problem.yaml", "keys"]);
}

#[test]
fn of_a_key_that_is_there_twice_the_last_counts() {
    let fixture = Fixture::legacy("limits: {memory: 5, memory: 7}\nname: Again");
    let package = fixture.load();
    assert_eq!(
        (package.name.as_str(), package.limits.memory_bytes),
        ("Again", 7 << 20)
    );
    assert_eq!(
        fixture.warnings(),
        [
            "problem.yaml:2: limits.memory is there again below, and that one counts",
            "problem.yaml:1: name is there again below, and that one counts",
        ]
    );
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let fixture = Fixture::legacy("");
    std::fs::write(fixture.root().join("problem.yaml"), b"name: \xff").unwrap();
    assert_says(&fixture.refusal(), &["problem.yaml", "UTF-8"]);
}

#[test]
fn a_key_of_the_wrong_kind_is_refused_by_its_name() {
    for (yaml, key) in [
        ("limits: 5", "limits"),
        ("validation: {a: custom}", "validation"),
        ("type: {a: 1}", "type"),
    ] {
        let error = Fixture::legacy(yaml).refusal();
        assert!(matches!(error, PackageError::Invalid { .. }), "{yaml}");
        assert_says(&error, &["problem.yaml", key]);
    }
    let error = Fixture::modern("allow_file_writing: maybe").refusal();
    assert_says(&error, &["allow_file_writing", "true or false"]);
}

#[test]
fn unknown_keys_are_warnings() {
    let fixture = Fixture::legacy("colour: red\nlimits: {colour: 1}")
        .file("data/testdata.yaml", "colour: blue");
    assert_eq!(
        fixture.warnings(),
        [
            "problem.yaml:3: unknown key limits.colour, not read",
            "problem.yaml:2: unknown key colour, not read",
            "data/testdata.yaml:1: unknown key colour, not read",
        ]
    );
}

#[test]
fn files_beside_the_cases_that_nobody_reads_are_told_once_for_their_kind() {
    let fixture = Fixture::legacy("")
        .file("data/secret/1.out", "")
        .file("data/secret/2.out", "")
        .file("data/secret/1.hint", "");
    assert_eq!(
        fixture.warnings(),
        ["data/secret/1.out: not part of a test case, not read (and 1 like it)"]
    );
}

#[test]
fn names_that_the_format_does_not_allow_are_as_if_deleted() {
    let fixture = Fixture::legacy("")
        .case("secret/two words")
        .file("data/secret/.hidden.in", "");
    assert_eq!(fixture.load().cases.len(), 1);
    let warnings = fixture.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|w| w.contains("two words")));
}

#[track_caller]
fn assert_says_warning(fixture: &Fixture, start: &str) {
    let warnings = fixture.warnings();
    assert!(
        warnings.iter().any(|warning| warning.starts_with(start)),
        "{warnings:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_reader_panic(
        text in "([a-z_]{1,9}: ?[-a-z0-9.\\[\\]{}&*\"', ]{0,12}\n){0,6}", modern: bool,
    ) {
        let (fixture, settings) = if modern {
            (Fixture::modern(&text), "data/secret/test_group.yaml")
        } else {
            (Fixture::legacy(&text), "data/secret/testdata.yaml")
        };
        let fixture = fixture
            .file(settings, &text)
            .file("submissions/submissions.yaml", &text);
        drop(Package::load(&fixture.root()));
    }
}
