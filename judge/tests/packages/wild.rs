//! Packages as they are found: by other tools, other systems and other hands.

use std::time::Duration;

use judge::package::{Grading, OutputValidator};

use crate::fixture::{Fixture, assert_says};

#[test]
fn texts_come_with_windows_line_ends_a_byte_order_mark_and_tabs() {
    let yaml =
        "\u{feff}name:\tDemo \t# tabs\r\nlimits:\r\n  memory:\t256\t\r\nvalidation: 'default'\r\n";
    let fixture = Fixture::legacy("")
        .file("problem.yaml", yaml)
        .file(".timelimit", "\u{feff}2\r\n")
        .file("data/testdata.yaml", "\u{feff}on_reject: break\r\n");
    let package = fixture.load();
    assert_eq!(package.name, "Demo");
    assert_eq!(package.limits.memory_bytes, 256 << 20);
    assert_eq!(package.limits.time, Some(Duration::from_secs(2)));
    assert_eq!(package.warnings, []);
}

#[test]
fn a_tab_that_indents_is_no_yaml_and_told_with_its_line() {
    let error = Fixture::legacy("limits:\n\tmemory: 256").refusal();
    assert_says(&error, &["problem.yaml:3: "]);
}

#[test]
fn amounts_come_as_fractions_and_with_units() {
    for (amount, bytes) in [
        ("512", 512 << 20),
        ("0.5", 512 << 10),
        ("512.0", 512 << 20),
        ("'512'", 512 << 20),
        ("512 MB", 512 << 20),
        ("1 GiB", 1 << 30),
        ("1_024", 1 << 30),
        ("65536kb", 64 << 20),
    ] {
        let fixture = Fixture::legacy(&format!("limits: {{memory: {amount}}}"));
        assert_eq!(fixture.load().limits.memory_bytes, bytes, "{amount}");
        assert_eq!(fixture.load().limits.given.get("memory"), Some(&2));
    }
    for amount in ["much", "-1", "5 TB", "[5]", "1e99"] {
        let error = Fixture::legacy(&format!("limits: {{memory: {amount}}}")).refusal();
        assert_says(&error, &["problem.yaml:2: limits.memory", "number"]);
    }
}

#[test]
fn what_a_package_leaves_open_is_known_from_what_it_gives() {
    let limits = Fixture::modern("limits: {validation_memory: 4096}")
        .load()
        .limits;
    let small = limits.on_host(1 << 30);
    assert_eq!(small.memory_bytes, 1 << 29);
    assert_eq!(small.compilation_memory_bytes, 1 << 29);
    assert_eq!(
        small.validation_memory_bytes,
        4096 << 20,
        "what it gives, it needs"
    );
    assert_eq!(limits.on_host(1 << 40), limits);
}

#[test]
fn files_that_are_nobodys_business_are_not_mentioned() {
    let fixture = Fixture::legacy("")
        .file("README.md", "")
        .file(".gitignore", "")
        .file("problem.pdf", "")
        .file("problem_statement/problem.en.tex", "")
        .file("generators/gen.py", "")
        .file("attachments/tool.py", "")
        .file("answer_validators/check.py", "")
        .file("solution/solution.en.tex", "")
        .file("output_visualizer/draw.py", "")
        .file("data/bad/1.in", "")
        .file("data/secret/1.desc", "")
        .file("data/secret/1.png", "")
        .file("data/secret/.gitkeep", "")
        .file("data/sample/2.interaction", "");
    assert_eq!(fixture.warnings(), [""; 0]);
    assert_eq!(fixture.load().cases.len(), 1);
}

#[test]
fn what_compilers_and_people_leave_beside_sources_is_no_submission() {
    let fixture = Fixture::legacy("")
        .file("submissions/accepted/README.md", "")
        .file("submissions/accepted/Main.class", "")
        .file("submissions/accepted/__pycache__/right.cpython-311.pyc", "")
        .file("submissions/accepted/.DS_Store", "");
    let submissions = fixture.load().submissions;
    let paths: Vec<_> = submissions.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["accepted/right.py"]);
    assert_eq!(fixture.warnings().len(), 3, "{:?}", fixture.warnings());
}

#[test]
fn a_package_may_hold_nothing_but_cases() {
    let fixture = Fixture::legacy("")
        .file("problem.yaml", "")
        .without("submissions");
    let package = fixture.load();
    assert_eq!(
        (package.name.as_str(), package.submissions.len()),
        ("demo", 0)
    );
    assert_eq!(package.validator, OutputValidator::Default);
}

#[test]
fn secret_with_folders_of_cases_and_no_settings_stays_pass_fail() {
    let fixture = Fixture::legacy("")
        .case("secret/01-small/1")
        .case("secret/02-large/1");
    let groups = fixture.load().groups;
    let is_plain = |grading: &Grading| *grading == Grading::PassFail;
    assert!(groups.all().iter().all(|group| is_plain(&group.grading)));
}

/// A converted archive of contests: scores per subtask, flags under a group's name, no submissions, no limits.
#[test]
fn a_converted_contest_archive() {
    let fixture = Fixture::legacy("")
        .without("submissions")
        .without("data/secret")
        .file(
            "problem.yaml",
            "# converted\nauthor: Somebody\nsource: A contest\ntype: scoring\nname: King\n\n\
             output_validator_flags: float_tolerance 1e-6\ngrading:\n    show_test_data_groups: true\n",
        )
        .case("secret/subtask1/1")
        .case("secret/subtask2/1")
        .file(
            "data/secret/testdata.yaml",
            "on_reject: break\nrange: 0 48\ngrader_flags: first_error accept_if_any_accepted\n",
        )
        .file("data/secret/subtask1/testdata.yaml", "accept_score: 10\nrange: 0 10\n")
        .file("data/secret/subtask2/testdata.yaml", "accept_score: 38\nrange: 0 38\n");
    assert_eq!(fixture.load().groups.all().len(), 4);
    let args = fixture.test_case("secret/subtask1/1").validator_args;
    assert_eq!(args, ["float_tolerance", "1e-6"]);
    assert_eq!(fixture.warnings().len(), 1);
}

/// A contest system's multi-pass example: the validator's directory in the singular, flags in quotes, groups for arguments.
#[test]
fn a_contest_systems_multi_pass_example() {
    let fixture = Fixture::legacy("")
        .file(
            "problem.yaml",
            "name: Hangman\nvalidation: custom multi-pass\n\
             validator_flags: --teammessage \"More than the statement shows.\"\n\
             validator_args: --unused\nlimits:\n  validation_passes: 26\n",
        )
        .file("output_validator/validator.py", "")
        .file(
            "data/secret/testdata.yaml",
            "output_validator_flags: --secret\n",
        )
        .case("secret/with_spaces/1")
        .file(
            "data/secret/with_spaces/testdata.yaml",
            "output_validator_flags: --secret --judgemessage \"A sentence\"\n",
        );
    let package = fixture.load();
    assert_eq!(package.kind.passes, Some(26));
    assert_eq!(
        fixture.test_case("secret/with_spaces/1").validator_args,
        [
            "--teammessage",
            "More than the statement shows.",
            "--secret",
            "--judgemessage",
            "A sentence"
        ]
    );
    assert_eq!(fixture.warnings().len(), 2, "{:?}", fixture.warnings());
}

/// What an archive's own tools write into an interactive draft: empty keys, a type as a list, a validator with scripts.
#[test]
fn an_interactive_draft_of_an_archive_tool() {
    let fixture = Fixture::legacy("")
        .file(
            "problem.yaml",
            "name: boolfind\nsource:\n  name:\n  url:\nuuid: 8f7e\nlicense: unknown\nrights_owner:\n\
             problem_format_version: 2023-07-draft\ntype:\n  - pass-fail\n  - interactive\n\
             credits:\n  authors:\n    - Somebody\nlimits:\n  time_limit: 1.0\n",
        )
        .file("output_validator/build", "#!/bin/sh\n")
        .file("output_validator/run", "#!/bin/sh\n")
        .file("output_validator/runjury.c", "");
    let package = fixture.load();
    assert!(package.kind.interactive);
    let [program] = package.validator.programs() else {
        panic!("{:?}", package.validator);
    };
    assert_eq!(program.files.len(), 3);
    assert_eq!(fixture.warnings().len(), 1);
}
