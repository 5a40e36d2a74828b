//! Whatever a package says, reading it ends with a plan or an error that names the place.

use judge::package::{Package, PackageError};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::fixture::Fixture;

/// Settings that between them hold every key and shape we read.
const PROBLEM: &str = "\
type: [scoring, interactive, multi-pass]
limits: {time_limit: 1.0, memory: 512 MB, output: 8, time_multipliers: {ac_to_time_limit: 2}, validation_passes: 3}
languages: [c, cpp]
allow_file_writing: yes
constants:
  max_n: 1000
  eps: {value: 1e-6, tex: '10^{-6}'}
";
const OLD_PROBLEM: &str = "\
type: scoring
validation: custom score interactive
validator_flags: \"float_tolerance 1e-6\"
limits: {time_multiplier: 5, memory: 2048}
grading:
  objective: min
  on_reject: grade
  range: -inf +inf
";
const TEST_GROUP: &str = "\
max_score: unbounded
score_aggregation: sum
require_pass: [sample]
args: [--n, '{{max_n}}']
input_validator_args: {check: [a, b]}
output_validator_args: [case_sensitive]
full_feedback: true
";
const TESTDATA: &str = "\
on_reject: continue
grading: default
grader_flags: first_error min accept_if_any_accepted
accept_score: 10
range: 0 100
input_validator_flags: {name: check, flags: 'a b'}
output_validator_flags: case_sensitive
";
const SUBMISSIONS: &str = "\
accepted/*.{py,c}:
  language: python3
  permitted: [AC, TLE]
  score: [1, 2.5]
  message: late
  use_for_time_limit: lower
  secret/*-{1,2}: &x {required: [AC]}
  sample: *x
";
const INI: &str = "name='x'\ntimelimit=1\nspecial_compare=\ncolour = red\n";

/// What a slip of the hand, or a hostile one, puts into YAML.
const SCRAPS: [&str; 24] = [
    "\n", "  ", "\t", ":", ": ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!map ", "\"", "'", "|\n",
    ">-\n", "? ", "~", ".nan", "-1", "\u{feff}", "\r\n", "---\n",
];

/// The text with some of its bytes replaced or cut out, and scraps put in.
fn mutated(text: &str, edits: &[(Index, Index, u8)]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (at, scrap, kind) in edits {
        if text.is_empty() {
            break;
        }
        let at = at.index(text.len());
        match kind % 3 {
            0 => drop(text.remove(at)),
            1 => drop(text.splice(at..at, scrap.get(&SCRAPS).chars())),
            _ => {
                let from = scrap.index(text.len());
                let piece: Vec<char> = text[from..(from + 20).min(text.len())].to_vec();
                text.splice(at..at, piece);
            }
        }
    }
    text.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(Index, Index, u8)>> {
    prop::collection::vec(any::<(Index, Index, u8)>(), 0..6)
}

fn check(fixture: &Fixture) {
    match Package::load(&fixture.root()) {
        Ok(package) => {
            let mut cases = package.groups.cases();
            cases.sort_unstable();
            let all: Vec<usize> = (0..package.cases.len()).collect();
            assert_eq!(cases, all, "every case is in the tree, once");
        }
        Err(PackageError::Io { path, source }) => panic!("{}: {source}", path.display()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn mutated_settings_of_2025_09_are_read_or_refused(
        files in [edits(), edits(), edits(), edits()], draft: bool,
    ) {
        let version = if draft { "2023-07-draft" } else { "2025-09" };
        let yaml = format!("problem_format_version: {version}\nname: Demo\nuuid: 1\n");
        let fixture = Fixture::modern("")
            .file("problem.yaml", &(yaml + &mutated(PROBLEM, &files[0])))
            .case("sample/1")
            .case("secret/g-1/1")
            .without("data/secret/1.in")
            .without("data/secret/1.ans")
            .file("output_validator/check.py", "")
            .file("input_validators/check.py", "")
            .file("data/secret/test_group.yaml", &mutated(TEST_GROUP, &files[1]))
            .file("data/secret/g-1/test_group.yaml", &mutated(TEST_GROUP, &files[2]))
            .file("submissions/submissions.yaml", &mutated(SUBMISSIONS, &files[3]));
        check(&fixture);
    }

    #[test]
    fn mutated_settings_of_legacy_are_read_or_refused(
        files in [edits(), edits(), edits(), edits()],
    ) {
        let fixture = Fixture::legacy("")
            .file("problem.yaml", &mutated(OLD_PROBLEM, &files[0]))
            .case("secret/g1/1")
            .file("output_validators/check.py", "")
            .file("data/testdata.yaml", &mutated(TESTDATA, &files[1]))
            .file("data/secret/g1/testdata.yaml", &mutated(TESTDATA, &files[2]))
            .file("domjudge-problem.ini", &mutated(INI, &files[3]));
        check(&fixture);
    }

    #[test]
    fn any_text_is_yaml_or_broken(
        text in prop::collection::vec(prop_oneof![
            select(SCRAPS.to_vec()).prop_map(str::to_owned),
            "[ -~\\n]{0,6}",
        ], 0..30),
    ) {
        let text = text.concat();
        check(&Fixture::legacy("").file("problem.yaml", &text));
    }
}

#[test]
fn the_settings_that_are_mutated_are_read_as_they_are() {
    let modern = Fixture::modern(PROBLEM)
        .without("data/secret")
        .case("sample/1")
        .case("secret/a-1")
        .file("output_validator/check.py", "")
        .file("input_validators/check.py", "")
        .file("data/secret/test_group.yaml", TEST_GROUP)
        .file("submissions/submissions.yaml", SUBMISSIONS);
    assert_eq!(modern.warnings(), [""; 0]);
    let legacy = Fixture::legacy(OLD_PROBLEM)
        .file("output_validators/check.py", "")
        .file("input_validators/check.py", "")
        .file("data/testdata.yaml", TESTDATA);
    assert_eq!(legacy.warnings(), [""; 0]);
}
