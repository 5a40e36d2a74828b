//! What verifying finds wrong with a package itself: its data, its validators, its limit.

use std::path::PathBuf;

use judge::package::Package;
use judge::verify::{VerifyOptions, VerifyReport, verify};
use judge::{Cancel, Fault};
use tempfile::TempDir;

use crate::workshop::Workshop;

const RIGHT: &str = "print(2 * int(input()))\n";
/// One number from 1 to 99.
const CHECK_INPUT: &str = "import re, sys\n\
    sys.exit(42 if re.fullmatch(r'[1-9][0-9]?\\n', sys.stdin.read()) else 43)\n";
/// Whatever is even.
const CHECK_OUTPUT: &str = "import sys\n\
    words = sys.stdin.read().split()\n\
    sys.exit(42 if len(words) == 1 and int(words[0]) % 2 == 0 else 43)\n";

struct Desk(TempDir);

impl Desk {
    /// A 2025-09 package: print twice the number.
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        desk.write(
            "problem.yaml",
            "problem_format_version: 2025-09\nname: Double\nuuid: 1\nlimits:\n  memory: 256\n  time_limit: 1\n",
        );
        for (name, input, answer) in [("sample/1", "1\n", "2\n"), ("secret/1", "21\n", "42\n")] {
            desk.write(&format!("data/{name}.in"), input);
            desk.write(&format!("data/{name}.ans"), answer);
        }
        desk.write("submissions/accepted/right.py", RIGHT);
        desk.write("input_validators/check.py", CHECK_INPUT);
        desk
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("double")
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn verified(&self) -> VerifyReport {
        self.verified_by(VerifyOptions::default()).unwrap()
    }

    fn verified_by(&self, options: VerifyOptions) -> Result<VerifyReport, Fault> {
        let package = Package::load(&self.root()).unwrap();
        let worker = &mut Workshop::new().worker;
        let cancel = Cancel::new().unwrap();
        verify(worker, &package, options, &cancel, &mut |_| {})
    }

    /// The only finding of a severity.
    #[track_caller]
    fn the_only_error(&self) -> String {
        let report = self.verified();
        assert!(!report.is_ok());
        let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
        let [error] = &errors[..] else {
            panic!("{errors:?}");
        };
        error.clone()
    }
}

#[track_caller]
fn assert_has(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(text.contains(piece), "no {piece:?} in {text:?}");
    }
}

#[test]
fn a_sound_package_has_nothing_to_find_and_says_what_was_looked_at() {
    let desk = Desk::new();
    desk.write("output_validator/check.py", CHECK_OUTPUT);
    desk.write("data/sample/1.out", "64\n");
    desk.write("data/invalid_input/zero.in", "0\n");
    for (directory, output) in [("valid_output", "8\n"), ("invalid_output", "7\n")] {
        desk.write(&format!("data/{directory}/1.in"), "3\n");
        desk.write(&format!("data/{directory}/1.ans"), "6\n");
        desk.write(&format!("data/{directory}/1.out"), output);
    }
    let report = desk.verified();
    assert!(report.is_ok(), "{report:?}");
    assert_eq!(report.findings, []);
    let checked = report.checked;
    assert_eq!(
        (checked.inputs, checked.answers, checked.self_tests),
        (2, 2, 3)
    );
}

#[test]
fn an_input_that_its_validator_refuses_is_named() {
    let desk = Desk::new();
    desk.write("data/secret/2.in", "007\n");
    desk.write("data/secret/2.ans", "14\n");
    let error = desk.the_only_error();
    assert_has(
        &error,
        &["data/secret/2.in", "input_validators/check.py", "43"],
    );
}

#[test]
fn an_input_validator_that_crashes_or_does_not_compile_is_named() {
    let desk = Desk::new();
    desk.write(
        "input_validators/check.py",
        "raise ValueError('what is this')\n",
    );
    let report = desk.verified();
    let errors: Vec<String> = report.errors().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_has(
        &errors[0],
        &["data/sample/1.in", "ValueError: what is this"],
    );
    desk.write("input_validators/check.py", CHECK_INPUT);
    desk.write("input_validators/broken.cpp", "int main() { return x; }\n");
    let error = desk.the_only_error();
    assert_has(&error, &["input_validators/broken.cpp", "does not compile"]);
}

#[test]
fn an_invalid_input_that_everybody_takes_is_named() {
    let desk = Desk::new();
    desk.write("data/invalid_input/fine.in", "12\n");
    let error = desk.the_only_error();
    assert_has(&error, &["data/invalid_input/fine.in", "taken as valid"]);
}

#[test]
fn outputs_that_the_validator_misjudges_are_named() {
    for (directory, output, problem) in [
        ("valid_output", "7\n", "is rejected"),
        ("invalid_output", "8\n", "is accepted"),
    ] {
        let desk = Desk::new();
        desk.write("output_validator/check.py", CHECK_OUTPUT);
        desk.write(&format!("data/{directory}/1.in"), "3\n");
        desk.write(&format!("data/{directory}/1.ans"), "6\n");
        desk.write(&format!("data/{directory}/1.out"), output);
        let file = format!("data/{directory}/1.out");
        assert_has(&desk.the_only_error(), &[&file, problem]);
    }
}

#[test]
fn an_answer_that_the_validator_rejects_is_an_error_where_it_is_shown() {
    let desk = Desk::new();
    desk.write("output_validator/check.py", CHECK_OUTPUT);
    desk.write("data/secret/1.ans", "41\n");
    let report = desk.verified();
    assert!(report.is_ok(), "{report:?}");
    let warnings: Vec<String> = report.warnings().map(ToString::to_string).collect();
    assert_has(&warnings.concat(), &["data/secret/1.ans: is rejected"]);
    desk.write("data/sample/1.ans", "3\n");
    let error = desk.the_only_error();
    assert_has(&error, &["data/sample/1.ans: is rejected"]);
}

#[test]
fn a_wrong_answer_file_shows_in_what_the_jury_gets() {
    let desk = Desk::new();
    desk.write("data/secret/1.ans", "43\n");
    let report = desk.verified();
    let [right] = &report.submissions[..] else {
        panic!("{report:?}");
    };
    let said = right.disagreements.concat();
    assert_has(&said, &["secret/1 got WA", "submissions/accepted"]);
}

#[test]
fn a_validator_that_fails_is_the_packages_fault_and_does_not_end_verifying() {
    let desk = Desk::new();
    desk.write("output_validator/check.py", "raise SystemExit(1)\n");
    desk.write("submissions/wrong_answer/wrong.py", "print(1)\n");
    let report = desk.verified();
    assert!(report.errors().next().is_some());
    for one in &report.submissions {
        assert_eq!(one.verdict(), Some("JE"), "{one:?}");
        assert_has(&one.disagreements.concat(), &["output validator failed"]);
    }
    assert_eq!(report.submissions.len(), 2);
}

#[test]
fn checkers_that_are_not_run_or_check_nothing_are_warned_of_by_name() {
    let desk = Desk::new();
    desk.write("input_validators/check.py", "import sys\nsys.exit(42)\n");
    desk.write("input_validators/input.ctd", "INT(1, 99) NEWLINE EOF\n");
    desk.write("input_validators/input.viva", "{ x; }\n");
    let report = desk.verified();
    assert!(report.is_ok(), "{report:?}");
    let warnings: Vec<String> = report.warnings().map(ToString::to_string).collect();
    let warnings = warnings.join("\n");
    assert_has(
        &warnings,
        &["check.py: takes everything", "input.ctd", "VIVA"],
    );
}

#[test]
fn a_language_that_nobody_has_makes_it_fail_unless_that_is_passed_over() {
    let desk = Desk::new();
    desk.write("submissions/accepted/right.intercal", "PLEASE GIVE UP\n");
    let report = desk.verified();
    assert!(!report.is_ok());
    let lax = VerifyOptions {
        skip_unavailable: true,
        ..VerifyOptions::default()
    };
    let passed_over = desk.verified_by(lax).unwrap();
    assert!(passed_over.is_ok(), "{passed_over:?}");
    for report in [report, passed_over] {
        let unavailable = &report.submissions[0];
        assert_eq!(unavailable.submission, "accepted/right.intercal");
        assert_eq!(unavailable.verdict(), None, "never a compile error");
        let why = unavailable.unavailable.as_deref().unwrap_or_default();
        assert_has(why, &["not available here"]);
    }
}

#[test]
fn a_given_limit_that_breaks_an_inequality_of_2025_09_is_an_error() {
    let desk = Desk::new();
    // A millisecond is too much, and no interpreter starts in that.
    desk.write(
        "problem.yaml",
        "problem_format_version: 2025-09\nname: Double\nuuid: 1\nlimits:\n  memory: 256\n  time_limit: 1\n\
         \x20 time_multipliers:\n    ac_to_time_limit: 1000\n",
    );
    let error = desk.the_only_error();
    let pieces = [
        "submissions/accepted/right.py",
        "over the time limit",
        "submissions/accepted)",
    ];
    assert_has(&error, &pieces);

    let desk = Desk::new();
    desk.write("submissions/time_limit_exceeded/fast.py", RIGHT);
    let error = desk.the_only_error();
    let file = "submissions/time_limit_exceeded/fast.py";
    assert_has(&error, &[file, "within 1.5"]);
}

#[test]
fn without_a_submission_that_bounds_the_limit_from_below_it_is_an_error() {
    let desk = Desk::new();
    desk.write(
        "submissions/submissions.yaml",
        "accepted:\n  use_for_time_limit: false\n",
    );
    let error = desk.the_only_error();
    assert_has(&error, &["bounds the time limit from below"]);
}

#[test]
fn demands_that_this_host_cannot_honour_are_refused_before_judging() {
    let desk = Desk::new();
    desk.write(
        "problem.yaml",
        "problem_format_version: 2025-09\nname: Double\nuuid: 1\nlimits:\n  memory: 100000000\n  time_limit: 1\n",
    );
    let refused = desk.verified_by(VerifyOptions::default());
    let Err(Fault::Package { why, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_has(&why, &["limits.memory"]);
}
