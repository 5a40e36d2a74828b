use std::time::Duration;

use judge::package::{OutputValidator, PackageError};

use crate::fixture::{Fixture, assert_says, assert_unsupported};

#[test]
fn the_least_package_gets_the_defaults_of_its_format() {
    let package = Fixture::modern("").load();
    assert_eq!(package.format_version, "2025-09");
    assert_eq!(package.limits.ac_to_time_limit, 2.0);
    assert_eq!(package.limits.time_limit_to_tle, 1.5);
    assert_eq!(package.limits.time_resolution, Duration::from_secs(1));
    assert!(!package.allow_file_writing);
    assert_eq!(package.warnings, []);
}

#[test]
fn the_drafts_are_read_as_the_finished_format_with_a_warning() {
    for version in ["2023-07", "2023-07-draft"] {
        let yaml = format!("problem_format_version: {version}\nname: Demo\nuuid: 1");
        let fixture = Fixture::modern("").file("problem.yaml", &yaml);
        assert_eq!(fixture.load().limits.ac_to_time_limit, 2.0);
        assert_eq!(
            fixture.warnings(),
            [format!(
                "problem.yaml:1: problem_format_version {version} is read as 2025-09"
            )]
        );
    }
}

#[test]
fn multipliers_and_resolution_are_read() {
    let limits = "limits: {time_limit: 0.75, time_resolution: 0.25, \
                  time_multipliers: {ac_to_time_limit: 3, time_limit_to_tle: 1}}";
    let limits = Fixture::modern(limits).load().limits;
    assert_eq!(limits.time, Some(Duration::from_millis(750)));
    assert_eq!(limits.time_resolution, Duration::from_millis(250));
    assert_eq!(
        (limits.ac_to_time_limit, limits.time_limit_to_tle),
        (3.0, 1.0)
    );
}

#[test]
fn a_time_limit_between_two_multiples_of_the_resolution_is_refused() {
    for limits in [
        "{time_limit: 1.5}",
        "{time_limit: 0.3, time_resolution: 0.2}",
        "{time_limit: 1, time_resolution: 2}",
    ] {
        let error = Fixture::modern(&format!("limits: {limits}")).refusal();
        assert_says(&error, &["problem.yaml", "time_limit", "no multiple"]);
    }
    let tenths = Fixture::modern("limits: {time_limit: 0.3, time_resolution: 0.1}");
    assert_eq!(tenths.load().limits.time, Some(Duration::from_millis(300)));
}

#[test]
fn types_are_one_word_or_a_list_without_repeats() {
    Fixture::modern("type: pass-fail").load();
    Fixture::modern("type: [pass-fail]").load();
    for (types, why) in [
        ("[]", "empty"),
        ("[pass-fail, pass-fail]", "twice"),
        ("[pass-fail, scoring]", "both"),
        ("[interactive, guess]", "no type"),
    ] {
        let error = Fixture::modern(&format!("type: {types}")).refusal();
        assert!(matches!(error, PackageError::Invalid { .. }), "{types}");
        assert_says(&error, &["problem.yaml", "type", why]);
    }
}

#[test]
fn what_is_not_judged_is_refused_by_name() {
    assert_unsupported(
        &Fixture::modern("type: submit-answer"),
        "type submit-answer",
        "problem.yaml",
    );
    let with = |path: &str| Fixture::modern("").file(path, "");
    let unsupported = |path: &str, feature: &str, file: &str| {
        assert_unsupported(&with(path), feature, file);
    };
    unsupported("graders/grade.py", "a grader", "graders");
    unsupported(
        "output_validators/v.py",
        "output_validators/ in a 2025-09 package",
        "output_validators",
    );
    unsupported("data/secret/1.args", "an .args file", "data/secret/1.args");
    unsupported(
        "data/testdata.yaml",
        "testdata.yaml in this format version",
        "data/testdata.yaml",
    );
}

#[test]
fn keys_of_the_legacy_format_that_decide_are_not_passed_over() {
    for key in ["validation", "validator_flags"] {
        assert_unsupported(
            &Fixture::modern(&format!("{key}: custom")),
            &format!("{key} in this format version"),
            "problem.yaml",
        );
    }
    for file in ["data/secret/test_group.yaml", "data/secret/1.yaml"] {
        assert_unsupported(
            &Fixture::modern("").file(file, "output_validator_flags: case_sensitive"),
            "output_validator_flags in this format version",
            file,
        );
    }
}

#[test]
fn a_key_of_the_legacy_format_that_changes_nothing_is_told() {
    let fixture = Fixture::modern("validation: custom").file("output_validator/check.py", "");
    assert_eq!(
        fixture.warnings(),
        ["problem.yaml:4: validation is a key of the legacy format, not read"]
    );
    assert_eq!(Fixture::modern("validation: default").warnings().len(), 1);
}

#[test]
fn arguments_come_from_the_last_level_that_gives_them() {
    let fixture = Fixture::modern("")
        .file(
            "data/secret/test_group.yaml",
            "args: [--all]\noutput_validator_args: [float_tolerance, 1e-6]",
        )
        .without("data/secret/1.in")
        .without("data/secret/1.ans")
        .file("data/secret/a/test_group.yaml", "")
        .file(
            "data/secret/b/test_group.yaml",
            "output_validator_args: [case_sensitive]",
        )
        .case("secret/a/1")
        .case("secret/b/1")
        .case("secret/b/2")
        .file(
            "data/secret/b/2.yaml",
            "output_validator_args: []\nargs: ['x y', 2]\nhint: try",
        );
    let case = |name| fixture.test_case(name);
    assert_eq!(case("secret/a/1").args, ["--all"]);
    assert_eq!(
        case("secret/a/1").validator_args,
        ["float_tolerance", "1e-6"]
    );
    assert_eq!(case("secret/b/1").validator_args, ["case_sensitive"]);
    assert_eq!(case("secret/b/2").validator_args, [""; 0]);
    assert_eq!(case("secret/b/2").args, ["x y", "2"]);
    assert_eq!(fixture.warnings(), [""; 0]);
}

#[test]
fn arguments_that_are_no_list_are_refused() {
    let error = Fixture::modern("")
        .file(
            "data/secret/1.yaml",
            "output_validator_args: case_sensitive",
        )
        .refusal();
    assert_says(
        &error,
        &["data/secret/1.yaml", "output_validator_args", "list"],
    );
}

#[test]
fn groups_are_all_or_none_of_the_directories_in_secret() {
    let group = |fixture: Fixture| {
        fixture
            .file("data/secret/a/test_group.yaml", "")
            .case("secret/a/1")
    };
    let beside = group(Fixture::modern(""));
    assert_says(
        &beside.refusal(),
        &["data/secret/1.in", "beside test groups"],
    );
    let alone = || {
        group(Fixture::modern(""))
            .without("data/secret/1.in")
            .without("data/secret/1.ans")
    };
    alone().load();
    assert_says(
        &alone().case("secret/b/1").refusal(),
        &["data/secret/b", "no test_group.yaml"],
    );
    assert_says(
        &alone()
            .case("secret/a/deep/1")
            .file("data/secret/a/deep/test_group.yaml", "")
            .refusal(),
        &["data/secret/a/deep/test_group.yaml", "are groups"],
    );
    alone().case("secret/a/deep/1").load();
}

#[test]
fn scores_have_no_place_in_a_pass_fail_package() {
    for key in [
        "max_score: 5",
        "score_aggregation: sum",
        "require_pass: sample",
    ] {
        let error = Fixture::modern("")
            .file("data/secret/test_group.yaml", key)
            .refusal();
        assert_says(&error, &["data/secret/test_group.yaml", "pass-fail"]);
    }
}

#[test]
fn the_validator_is_its_directory_or_the_only_directory_in_it() {
    let names = |fixture: Fixture| match fixture.load().validator {
        OutputValidator::Custom(program) => {
            let names = program.files.into_iter().map(|file| file.name);
            names.collect::<Vec<_>>()
        }
        other => panic!("{other:?} was chosen"),
    };
    let flat = Fixture::modern("")
        .file("output_validator/check.cpp", "")
        .file("output_validator/check.h", "");
    assert_eq!(names(flat), ["check.cpp", "check.h"]);
    let nested = Fixture::modern("").file("output_validator/check/check.py", "");
    assert_eq!(names(nested), ["check.py"]);
    assert_unsupported(
        &Fixture::modern("")
            .file("output_validator/a/check.py", "")
            .file("output_validator/b/check.py", ""),
        "more than one output validator",
        "output_validator",
    );
}

#[test]
fn include_falls_back_to_default() {
    let package = Fixture::modern("")
        .file("include/cpp/driver.cpp", "")
        .file("include/default/notes.txt", "")
        .load();
    let names = |language| -> Vec<&str> {
        let files = package.include_files(language);
        files.iter().map(|file| file.name.as_str()).collect()
    };
    assert_eq!(names("cpp"), ["driver.cpp"]);
    assert_eq!(names("java"), ["notes.txt"]);
}

#[test]
fn languages_are_all_or_a_list() {
    let languages = |text: &str| {
        Fixture::modern(&format!("languages: {text}"))
            .load()
            .languages
    };
    assert_eq!(languages("all"), None);
    let list = vec!["c".to_owned(), "cpp".to_owned()];
    assert_eq!(languages("[c, cpp]"), Some(list));
    for bad in ["[]", "cpp", "[1]", "{c: 1}"] {
        let error = Fixture::modern(&format!("languages: {bad}")).refusal();
        assert_says(&error, &["problem.yaml", "languages"]);
    }
}

#[test]
fn a_case_may_bring_files_and_its_name_belongs_to_it_alone() {
    let fixture = Fixture::modern("")
        .file("data/secret/1.files/words.txt", "")
        .file("data/secret/1.files/more/7.in", "");
    let case = fixture.test_case("secret/1");
    let names: Vec<_> = case.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["more/7.in", "words.txt"]);
    assert_eq!(fixture.load().cases.len(), 1);
    let error = Fixture::modern("").case("secret/1/2").refusal();
    assert_says(&error, &["data/secret/1.in", "directory"]);
    let error = Fixture::modern("").case("secret/test_group").refusal();
    assert_says(&error, &["data/secret/test_group.in", "must not be called"]);
}
