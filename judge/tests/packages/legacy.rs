use std::time::Duration;

use judge::package::{OutputValidator, PackageError, PackageProgram};

use crate::fixture::{Fixture, assert_says, assert_unsupported};

#[test]
fn the_least_package_gets_the_defaults_of_its_format() {
    let package = Fixture::legacy("").load();
    assert_eq!(package.id, "demo");
    assert_eq!(package.name, "Demo");
    assert_eq!(package.format_version, "legacy");
    assert_eq!(package.limits.time, None);
    assert_eq!(package.limits.ac_to_time_limit, 5.0);
    assert_eq!(package.limits.time_limit_to_tle, 2.0);
    assert_eq!(package.limits.memory_bytes, 2048 << 20);
    assert_eq!(package.limits.output_bytes, 8 << 20);
    assert_eq!(package.limits.code_bytes, 128 << 10);
    assert_eq!(package.validator, OutputValidator::Default);
    assert_eq!(package.languages, None);
    assert!(package.allow_file_writing);
    assert_eq!(package.warnings, []);
}

#[test]
fn limits_are_read_in_the_units_of_the_format() {
    let limits = "limits: {memory: 256, output: 0.5, code: 64, compilation_time: 20, \
                  validation_memory: 512, time_multiplier: 3, time_safety_margin: 1.5}";
    let limits = Fixture::legacy(limits).load().limits;
    assert_eq!(limits.memory_bytes, 256 << 20);
    assert_eq!(limits.output_bytes, 512 << 10);
    assert_eq!(limits.code_bytes, 64 << 10);
    assert_eq!(limits.compilation_time, Duration::from_secs(20));
    assert_eq!(limits.validation_memory_bytes, 512 << 20);
    assert_eq!(
        (limits.ac_to_time_limit, limits.time_limit_to_tle),
        (3.0, 1.5)
    );
}

#[test]
fn a_time_limit_may_stand_in_any_of_three_places() {
    let time = |fixture: Fixture| fixture.load().limits.time;
    let expected = Some(Duration::from_millis(1500));
    assert_eq!(time(Fixture::legacy("limits: {time_limit: 1.5}")), expected);
    assert_eq!(
        time(Fixture::legacy("").file(".timelimit", "1.5\n")),
        expected
    );
    let ini = "name = \"Demo\"\ntimelimit='1.5'\n";
    assert_eq!(
        time(Fixture::legacy("").file("domjudge-problem.ini", ini)),
        expected
    );
}

#[test]
fn time_limits_that_disagree_are_refused() {
    let error = Fixture::legacy("limits: {time_limit: 2}")
        .file(".timelimit", "3\n")
        .refusal();
    assert_says(&error, &[".timelimit", "3s", "2s", "problem.yaml"]);
}

#[test]
fn limits_that_mean_nothing_are_refused_with_their_key() {
    for (limit, key) in [
        ("memory: 0", "limits.memory"),
        ("memory: -5", "limits.memory"),
        ("output: many", "limits.output"),
        ("code: .nan", "limits.code"),
        ("time_limit: 0", "limits.time_limit"),
        ("time_limit: 1e9", "limits.time_limit"),
        ("validation_time: .inf", "limits.validation_time"),
        ("time_multiplier: 0.5", "limits.time_multiplier"),
    ] {
        let error = Fixture::legacy(&format!("limits: {{{limit}}}")).refusal();
        assert!(matches!(error, PackageError::Invalid { .. }), "{limit}");
        assert_says(&error, &["problem.yaml", key, "must be a number"]);
    }
    for bad in ["", "soon", "-1", "NaN"] {
        let error = Fixture::legacy("").file(".timelimit", bad).refusal();
        assert_says(&error, &[".timelimit", "no number of seconds"]);
    }
}

#[test]
fn the_packages_flags_come_before_those_of_the_nearest_group() {
    let fixture = Fixture::legacy("validator_flags: case_sensitive")
        .file(
            "data/testdata.yaml",
            "output_validator_flags: float_tolerance 1e-6",
        )
        .case("secret/easy/1")
        .case("secret/hard/1")
        .file(
            "data/secret/hard/testdata.yaml",
            "output_validator_flags: {name: x, flags: 'space_change_sensitive'}",
        );
    let args = |name| fixture.test_case(name).validator_args;
    let inherited = ["case_sensitive", "float_tolerance", "1e-6"];
    assert_eq!(args("secret/1"), inherited);
    assert_eq!(args("secret/easy/1"), inherited);
    assert_eq!(
        args("secret/hard/1"),
        ["case_sensitive", "space_change_sensitive"]
    );
}

#[test]
fn flags_under_the_name_of_a_group_are_not_passed_over() {
    let fixture = Fixture::legacy("output_validator_flags: float_tolerance 1e-6");
    let args = fixture.test_case("secret/1").validator_args;
    assert_eq!(args, ["float_tolerance", "1e-6"]);
    assert_eq!(fixture.warnings().len(), 1);
}

#[test]
fn flags_are_split_as_a_shell_does() {
    let fixture = Fixture::legacy("validation: custom\nvalidator_flags: a 'b c' \"\"")
        .file("output_validators/check.py", "");
    assert_eq!(
        fixture.test_case("secret/1").validator_args,
        ["a", "b c", ""]
    );
    let error = Fixture::legacy("validator_flags: \"it's\"").refusal();
    assert_says(&error, &["validator_flags", "quote"]);
}

#[test]
fn flags_that_the_default_validator_does_not_know_are_refused_at_once() {
    let error = Fixture::legacy("validator_flags: float_tolerance").refusal();
    assert_says(
        &error,
        &["data/secret/1.in", "float_tolerance needs a number"],
    );
}

#[test]
fn a_custom_validator_is_one_file_or_one_directory() {
    let custom = |fixture: Fixture| match fixture.load().validator {
        OutputValidator::Custom(PackageProgram { name, files }) => {
            let files: Vec<_> = files.into_iter().map(|file| file.name).collect();
            (name, files)
        }
        other => panic!("{other:?} was chosen"),
    };
    let legacy = || Fixture::legacy("validation: custom");
    assert_eq!(
        custom(legacy().file("output_validators/check.py", "")),
        ("output_validators/check.py".into(), vec!["check.py".into()])
    );
    let directory = legacy()
        .file("output_validators/check/check.cpp", "")
        .file("output_validators/check/lib/check.h", "");
    assert_eq!(
        custom(directory),
        (
            "output_validators/check".into(),
            vec!["check.cpp".into(), "lib/check.h".into()]
        )
    );
}

#[test]
fn a_custom_validator_that_is_not_there_is_missed() {
    let error = Fixture::legacy("validation: custom").refusal();
    assert!(matches!(error, PackageError::Missing { .. }));
    assert_says(&error, &["output_validators", "validation: custom"]);
}

#[test]
fn a_validator_that_is_not_asked_for_is_not_used() {
    let fixture = Fixture::legacy("").file("output_validators/check.py", "");
    assert_eq!(fixture.load().validator, OutputValidator::Default);
    assert_eq!(fixture.warnings().len(), 1);
}

#[test]
fn what_is_not_judged_is_refused_by_name() {
    let yaml = "problem.yaml";
    let unsupported = |more: &str, feature: &str| {
        assert_unsupported(&Fixture::legacy(more), feature, yaml);
    };
    unsupported("type: submit-answer", "type submit-answer");
    for version in ["draft", "2031-01"] {
        unsupported(
            &format!("problem_format_version: {version}"),
            &format!("problem_format_version {version}"),
        );
    }
    unsupported(
        "problem_format_version: legacy-icpc\ntype: scoring",
        "scoring in legacy-icpc",
    );
}

#[test]
fn files_and_keys_of_the_other_format_are_not_passed_over() {
    assert_unsupported(
        &Fixture::legacy("").file("data/secret/test_group.yaml", "args: []"),
        "test_group.yaml in this format version",
        "data/secret/test_group.yaml",
    );
    assert_unsupported(
        &Fixture::legacy("").file("output_validator/check.py", ""),
        "output_validator/ in a legacy package",
        "output_validator",
    );
    assert_unsupported(
        &Fixture::legacy("").file("data/testdata.yaml", "output_validator_args: [x]"),
        "output_validator_args in this format version",
        "data/testdata.yaml",
    );
}

#[test]
fn include_files_are_those_of_the_language_alone() {
    let fixture = Fixture::legacy("")
        .file("include/cpp/driver.cpp", "")
        .file("include/default/notes.txt", "");
    let package = fixture.load();
    let names = |language| -> Vec<&str> {
        let files = package.include_files(language);
        files.iter().map(|file| file.name.as_str()).collect()
    };
    assert_eq!(names("cpp"), ["driver.cpp"]);
    assert_eq!(names("java"), [""; 0]);
    assert_eq!(fixture.warnings().len(), 1);
}

#[test]
fn a_name_in_several_languages_is_taken_in_english() {
    let name = |yaml: &str| {
        let yaml = format!("name: {yaml}");
        Fixture::legacy("").file("problem.yaml", &yaml).load().name
    };
    assert_eq!(name("{de: Probe, en: Demo}"), "Demo");
    assert_eq!(name("{de: Probe}"), "Probe");
    assert_eq!(name("2048"), "2048");
}
