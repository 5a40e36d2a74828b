//! Interactive, multi-pass and scoring problems, in each format's words.

use judge::package::{OutputValidator, PackageError};

use crate::fixture::{Fixture, assert_says};

fn kind(fixture: &Fixture) -> (bool, bool, Option<u32>) {
    let kind = fixture.load().kind;
    (kind.scoring, kind.interactive, kind.passes)
}

fn custom(more: &str) -> Fixture {
    Fixture::legacy(more).file("output_validators/check.py", "")
}

#[test]
fn legacy_says_it_after_custom() {
    assert_eq!(kind(&Fixture::legacy("")), (false, false, None));
    assert_eq!(
        kind(&custom("validation: custom interactive")),
        (false, true, None)
    );
    let both = "validation: custom interactive multi-pass\nlimits: {validation_passes: 26}";
    assert_eq!(kind(&custom(both)), (false, true, Some(26)));
    assert_eq!(
        kind(&custom("validation: custom multi-pass")),
        (false, false, Some(2))
    );
    let score = custom("type: scoring\nvalidation: custom score");
    assert_eq!(kind(&score), (true, false, None));
    assert!(score.load().custom_score);
    assert!(
        !custom("type: scoring\nvalidation: custom")
            .load()
            .custom_score
    );
}

#[test]
fn legacy_packages_in_the_wild_say_it_in_their_type() {
    let fixture = custom("type: pass-fail interactive multi-pass\nvalidation: custom");
    assert_eq!(kind(&fixture), (false, true, Some(2)));
    let error = Fixture::legacy("type: pass-fail interactive").refusal();
    assert_says(&error, &["problem.yaml", "validation", "custom"]);
}

#[test]
fn the_modern_format_says_it_in_its_type() {
    let modern = |types: &str| {
        let more = format!("type: {types}\nlimits: {{validation_passes: 3}}");
        kind(&Fixture::modern(&more).file("output_validator/check.py", ""))
    };
    assert_eq!(modern("scoring"), (true, false, None));
    assert_eq!(modern("[interactive, multi-pass]"), (false, true, Some(3)));
    assert_eq!(modern("[scoring, multi-pass]"), (true, false, Some(3)));
}

#[test]
fn a_talk_or_a_second_pass_needs_a_validator() {
    for types in ["interactive", "multi-pass"] {
        let error = Fixture::modern(&format!("type: {types}")).refusal();
        assert!(matches!(error, PackageError::Missing { .. }), "{error}");
        assert_says(&error, &["output_validator", types]);
    }
}

#[test]
fn words_that_mean_nothing_are_refused_with_their_line() {
    for (yaml, says) in [
        ("validation: custom guess", "guess"),
        ("validation: default interactive", "after default"),
        ("validation: own", "default or custom"),
        ("type: pass-fail guess", "no type"),
        ("type: [submit-answer, interactive]", "submit-answer"),
        (
            "type: multi-pass\nlimits: {validation_passes: 1}",
            "validation_passes",
        ),
        (
            "type: multi-pass\nlimits: {validation_passes: 2.5}",
            "whole",
        ),
    ] {
        let error = custom(yaml).refusal();
        assert!(
            matches!(error, PackageError::Invalid { .. }),
            "{yaml}: {error}"
        );
        assert_says(&error, &["problem.yaml:", says]);
    }
}

#[test]
fn legacy_icpc_is_pass_fail_and_reads_the_rest_with_a_warning() {
    let icpc =
        |more: &str| Fixture::legacy(&format!("problem_format_version: legacy-icpc\n{more}"));
    assert_eq!(icpc("").load().format_version, "legacy-icpc");
    let fixture = icpc("")
        .file("include/cpp/driver.cpp", "")
        .file("data/secret/_2.in", "");
    assert_eq!(
        fixture.load().cases.len(),
        1,
        "a name that begins with _ does not count"
    );
    let warnings = fixture.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    let talk = icpc("validation: custom interactive").file("output_validators/run/run", "");
    assert_eq!(kind(&talk), (false, true, None));
}

#[test]
fn validators_are_programs_of_one_file_or_directory_or_scripts() {
    let files = |fixture: Fixture| match fixture.load().validator {
        OutputValidator::Custom(program) => {
            let files = program.files.into_iter();
            files.map(|f| (f.name, f.executable)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let legacy = || Fixture::legacy("validation: custom");
    let scripts = legacy()
        .file("output_validators/check/build", "#!/bin/sh\n")
        .file("output_validators/check/src.cpp", "");
    assert_eq!(
        files(scripts),
        [("build".into(), true), ("src.cpp".into(), false)]
    );
    let flat = legacy()
        .file("output_validators/check.cpp", "")
        .file("output_validators/README.md", "")
        .file("output_validators/validate.h", "");
    let names: Vec<_> = files(flat).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["check.cpp", "README.md", "validate.h"]);
    let singular = legacy().file("output_validator/check/check.py", "");
    assert_eq!(singular.warnings().len(), 1);
    assert_eq!(files(singular), [("check.py".into(), false)]);
}
