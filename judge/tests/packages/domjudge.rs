//! What DOMjudge writes beside the package.

use std::time::Duration;

use crate::fixture::{Fixture, assert_says, assert_unsupported};

#[test]
fn an_ini_file_alone_makes_a_package() {
    let ini = "name = 'Hello'\ntimelimit = \"2.5\"\r\nshort-name = A\npoints=3\n; nothing\n";
    let fixture = Fixture::legacy("")
        .without("problem.yaml")
        .file("domjudge-problem.ini", ini);
    let package = fixture.load();
    assert_eq!(package.name, "Hello");
    assert_eq!(package.limits.time, Some(Duration::from_millis(2500)));
    assert_eq!(fixture.warnings().len(), 1);
}

#[test]
fn keys_that_nobody_knows_are_told_with_their_line() {
    let fixture = Fixture::legacy("").file("domjudge-problem.ini", "name=x\n\ncolour=red\n");
    assert_eq!(
        fixture.warnings(),
        ["domjudge-problem.ini:3: unknown key colour, not read"]
    );
    let empty = Fixture::legacy("").file("domjudge-problem.ini", "timelimit=\ncolour=\n");
    assert_eq!(empty.load().limits.time, None);
}

#[test]
fn a_program_of_the_server_is_not_passed_over() {
    let ini = "timelimit=1\nspecial_compare='float'\n";
    let fixture = Fixture::legacy("").file("domjudge-problem.ini", ini);
    assert_unsupported(
        &fixture,
        "special_compare, a program of a DOMjudge server,",
        "domjudge-problem.ini",
    );
    assert_says(&fixture.refusal(), &["domjudge-problem.ini:2: "]);
    let own = Fixture::legacy("validation: custom")
        .file("output_validators/check.py", "")
        .file("domjudge-problem.ini", ini);
    assert_eq!(own.warnings().len(), 1);
}

#[test]
fn submissions_json_names_language_and_entry_point() {
    let json = r#"{
	"submissions/accepted/several/": {"entry_point": "main.py", "team": "jury"},
        "submissions/accepted/right.py": {"language_id": "py3"}
    }"#;
    let fixture = Fixture::legacy("")
        .file("submissions/accepted/several/main.py", "")
        .file("submissions/accepted/several/other.py", "")
        .file("submissions.json", json);
    let several = fixture.submission("accepted/several");
    assert_eq!(several.entry_point.as_deref(), Some("main.py"));
    let right = fixture.submission("accepted/right.py");
    assert_eq!(right.language.as_deref(), Some("python3"));
    assert_eq!(fixture.warnings(), [""; 0]);
}

#[test]
fn what_submissions_json_says_of_nobody_is_told_with_its_line() {
    let json = r#"{
        "accepted/gone.py": {"language_id": "py3"},
        "accepted/right.py": {"langid": "py", "colour": 1},
        "accepted": null
    }"#;
    for file in ["submissions.json", "submissions/submissions.json"] {
        let fixture = Fixture::legacy("").file(file, json);
        let right = fixture.submission("accepted/right.py");
        assert_eq!(right.language.as_deref(), Some("python3"));
        let told = [
            ":3: unknown key accepted/right.py.colour, not read",
            ":4: accepted says nothing, not read",
            ":2: accepted/gone.py is no submission, not read",
        ];
        assert_eq!(fixture.warnings(), told.map(|told| format!("{file}{told}")));
    }
}

#[test]
fn an_expected_score_stands_beside_what_the_directory_says() {
    let fixture = Fixture::legacy("type: scoring").file(
        "submissions/partially_accepted/half.py",
        "# @EXPECTED_SCORE@: 37.5\n",
    );
    let expectation = fixture.submission("partially_accepted/half.py").expectation;
    assert_eq!(expectation.score, Some((37.5, 37.5)));
    assert_eq!(fixture.expected("partially_accepted/half.py"), ["AC"]);
    assert!(expectation.as_a_whole);
}
