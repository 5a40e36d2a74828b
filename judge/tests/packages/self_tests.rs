//! Tests of validators that a package brings along.

use judge::package::ValidatorTestKind::{InvalidInput, InvalidOutput, ValidOutput};

use crate::fixture::Fixture;

#[test]
fn each_directory_says_who_must_say_what() {
    let fixture = Fixture::modern("")
        .file("input_validators/check.py", "")
        .file(
            "data/invalid_input/test_group.yaml",
            "input_validator_args: [--small]",
        )
        .file("data/invalid_input/late.in", "")
        .file("data/invalid_input/late.yaml", "args: [x]")
        .case("invalid_output/deep/wrong")
        .file("data/invalid_output/deep/wrong.out", "2\n")
        .file(
            "data/invalid_output/deep/wrong.yaml",
            "output_validator_args: [case_sensitive]",
        )
        .case("valid_output/right")
        .file("data/valid_output/right.out", "1\n");
    let package = fixture.load();
    let told: Vec<_> = package
        .self_tests
        .iter()
        .map(|test| (test.kind, test.name.as_str(), test.output.is_some()))
        .collect();
    let expected = [
        (InvalidInput, "invalid_input/late", false),
        (InvalidOutput, "invalid_output/deep/wrong", true),
        (ValidOutput, "valid_output/right", true),
    ];
    assert_eq!(told, expected);
    let [late, wrong, _] = &package.self_tests[..] else {
        panic!("{:?}", package.self_tests);
    };
    let args = late.input_validator_args.of(&package.input_validators[0]);
    assert_eq!(args, ["--small", "x"]);
    assert_eq!(late.answer, None);
    assert_eq!(wrong.validator_args, ["case_sensitive"]);
    assert!(wrong.answer.is_some());
    assert_eq!(package.cases.len(), 1, "they are no test cases");
    assert_eq!(package.warnings, []);
}

#[test]
fn one_that_lacks_a_file_is_told_and_left_out() {
    let fixture = Fixture::legacy("").case("invalid_outputs/1");
    assert_eq!(fixture.load().self_tests, []);
    assert_eq!(
        fixture.warnings(),
        ["data/invalid_outputs/1.in: has no .out file, not used"]
    );
}
