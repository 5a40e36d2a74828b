//! 2023-07: the `problem.yaml` of 2025-09 over test groups in either style.

use judge::package::{Grader, Grading, OutputValidator, Share};

use crate::fixture::{Fixture, assert_says, assert_unsupported};

fn draft(more: &str) -> Fixture {
    let yaml = format!("problem_format_version: 2023-07-draft\nname: Demo\nuuid: 1\n{more}\n");
    Fixture::modern("").file("problem.yaml", &yaml)
}

#[test]
fn groups_of_a_draft_may_be_legacy() {
    let fixture = draft("type: scoring\ncredits: Somebody")
        .file(
            "data/secret/testdata.yaml",
            "on_reject: continue\nrange: 0 100\n",
        )
        .case("secret/subtask1/1")
        .file(
            "data/secret/subtask1/testdata.yaml",
            "accept_score: 10\ngrader_flags: min\n",
        );
    let groups = fixture.load().groups;
    for group in groups.all() {
        let is_graded = matches!(
            &group.grading,
            Grading::Legacy {
                grader: Grader::Default(_),
                ..
            }
        );
        assert!(is_graded, "{group:?}");
    }
    assert_eq!(
        fixture.submission("accepted/right.py").expectation.share,
        Share::Full
    );
}

#[test]
fn groups_of_a_draft_may_be_modern() {
    let fixture = draft("type: scoring").file("data/secret/test_group.yaml", "max_score: 5");
    assert!(matches!(
        fixture.load().groups.grading,
        Grading::Modern {
            max_score: Some(5.0),
            ..
        }
    ));
    let both = draft("")
        .file("data/secret/test_group.yaml", "")
        .file("data/testdata.yaml", "");
    assert_unsupported(
        &both,
        "testdata.yaml in this format version",
        "data/testdata.yaml",
    );
}

#[test]
fn what_drafts_kept_of_legacy_is_used_and_told() {
    let fixture = draft("validator_flags: case_sensitive\nlimits: {time_limit: 1.5}\nauthor: x")
        .file("output_validators/check/check.py", "");
    let package = fixture.load();
    assert!(
        matches!(&package.validator, OutputValidator::Custom(program)
        if program.name == "output_validators/check")
    );
    assert_eq!(
        fixture.test_case("secret/1").validator_args,
        ["case_sensitive"]
    );
    let warnings = fixture.warnings().join("\n");
    for says in ["validator_flags", "output_validators", "time_limit of 1.5s"] {
        assert!(warnings.contains(says), "{says} is not in {warnings}");
    }
}

#[test]
fn arguments_in_a_drafts_testdata_have_either_name() {
    for args in [
        "output_validator_args: float_tolerance 1E-6",
        "output_validator_flags: [float_tolerance, 1E-6]",
    ] {
        let fixture = draft("").file("data/testdata.yaml", args);
        assert_eq!(
            fixture.test_case("secret/1").validator_args,
            ["float_tolerance", "1E-6"]
        );
    }
}

#[test]
fn arguments_in_a_drafts_test_group_may_have_their_legacy_names() {
    let flags = "output_validator_flags: case_sensitive float_tolerance 1e-6";
    let fixture = draft("").file("data/secret/test_group.yaml", flags);
    let args = fixture.test_case("secret/1").validator_args;
    assert_eq!(args, ["case_sensitive", "float_tolerance", "1e-6"]);
}

#[test]
fn the_words_of_a_drafts_validation_count_where_they_fit_its_files() {
    let with = |more: &str| draft(more).file("output_validator/check.py", "");
    let package = with("validation: custom interactive\nlanguages: c cpp python3").load();
    assert!(package.kind.interactive);
    let languages = ["c", "cpp", "python3"].map(str::to_owned).to_vec();
    assert_eq!(package.languages, Some(languages));
    let feature = "validation in this format version";
    assert_unsupported(&with("validation: default"), feature, "problem.yaml");
    assert_unsupported(&draft("validation: custom"), feature, "problem.yaml");
}

#[test]
fn every_name_of_a_draft_is_known_and_no_other() {
    for version in ["2023-07", "2023-07-draft"] {
        let yaml = format!("problem_format_version: {version}\nname: Demo");
        Fixture::modern("").file("problem.yaml", &yaml).load();
    }
    let yaml = "name: Demo\nproblem_format_version: 2024-01";
    let fixture = Fixture::modern("").file("problem.yaml", yaml);
    assert_says(
        &fixture.refusal(),
        &["problem.yaml:2: ", "2024-01", "use legacy or 2025-09"],
    );
}

#[test]
fn what_only_drafts_had_is_refused_by_name() {
    let args = "data/secret/1.args";
    for file in ["data/testdata.yaml", "data/secret/test_group.yaml"] {
        let fixture = draft("").file(file, "").file(args, "-v\n");
        assert_unsupported(&fixture, "an .args file", args);
    }
    for key in ["scoring", "static_validation"] {
        let file = "data/secret/test_group.yaml";
        let fixture = draft("type: scoring").file(file, &format!("\n{key}: {{score: 3}}"));
        assert_unsupported(&fixture, &format!("{key} in this format version"), file);
        assert_says(&fixture.refusal(), &["data/secret/test_group.yaml:2: "]);
    }
}

#[test]
fn a_case_has_no_arguments_of_its_own_beside_legacy_groups() {
    let case = "data/secret/1.yaml";
    for fixture in [draft("type: scoring"), Fixture::legacy("")] {
        let fixture = fixture.file(case, "args: [-v]");
        assert_unsupported(&fixture, "args in this format version", case);
    }
    let hint = Fixture::legacy("").file(case, "hint: think");
    assert_eq!(hint.warnings().len(), 1);
}
