//! Packages that try to be more than a directory of files.

use std::fs::File;
use std::os::unix::net::UnixListener;

use judge::package::{MAX_FILE_BYTES, PackageError};

use crate::fixture::{Fixture, assert_says};

#[track_caller]
fn assert_bad_link(fixture: &Fixture, file: &str, why: &str) {
    let error = fixture.refusal();
    assert!(matches!(error, PackageError::Link { .. }), "{error}");
    assert_says(&error, &[file, why]);
}

#[test]
fn a_link_out_of_the_package_is_refused_absolute_or_relative() {
    for target in ["/etc/hostname", "../../../outside", "/"] {
        let fixture = Fixture::legacy("").link("data/secret/2.in", target);
        std::fs::write(fixture.root().join("../outside"), "").unwrap();
        assert_bad_link(&fixture, "data/secret/2.in", "out of the package");
    }
}

#[test]
fn a_link_through_another_link_is_judged_by_where_it_ends() {
    let fixture = Fixture::legacy("")
        .link("data/secret/2.in", "3.in")
        .link("data/secret/3.in", "/etc/hostname");
    assert!(matches!(fixture.refusal(), PackageError::Link { .. }));
}

#[test]
fn a_link_to_nothing_or_in_a_circle_is_refused() {
    let nothing = Fixture::legacy("").link("data/secret/2.in", "none");
    assert_bad_link(&nothing, "data/secret/2.in", "nowhere");
    let itself = Fixture::legacy("").link("data/secret/2.in", "2.in");
    assert_bad_link(&itself, "data/secret/2.in", "nowhere");
    let circle = Fixture::legacy("").link("data/secret/deep/up", "../../..");
    assert_bad_link(&circle, "data/secret/deep/up", "circle");
}

#[test]
fn two_links_into_each_others_directories_end_at_the_depth_cap() {
    let fixture = Fixture::legacy("")
        .file("attachments/a/1", "")
        .file("attachments/b/1", "")
        .link("attachments/a/b", "../b")
        .link("attachments/b/a", "../a");
    match fixture.refusal() {
        PackageError::TooLarge { unit, .. } => assert_eq!(unit, "levels"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_link_to_a_file_that_does_not_count_is_refused() {
    let fixture = Fixture::legacy("")
        .file(".secrets/key", "")
        .link("data/secret/2.in", "../../.secrets/key");
    assert_bad_link(&fixture, "data/secret/2.in", "does not count");
}

#[test]
fn a_link_within_the_package_stands_for_a_copy() {
    let fixture = Fixture::legacy("")
        .case("sample/1")
        .link("data/secret/2.in", "../sample/1.in")
        .link("data/secret/2.ans", "../sample/1.ans")
        .link("submissions/time_limit_exceeded", "accepted")
        .link("submissions/wrong_answer/other.py", "../accepted/right.py");
    assert_eq!(fixture.load().cases.len(), 3);
    let other = fixture.submission("wrong_answer/other.py");
    assert_eq!(other.files[0].name, "other.py");
    fixture.submission("time_limit_exceeded/right.py");
}

#[test]
fn a_socket_is_no_file() {
    let fixture = Fixture::legacy("");
    let _listener = UnixListener::bind(fixture.root().join("data/secret/2.in")).unwrap();
    assert_says(&fixture.refusal(), &["data/secret/2.in", "regular"]);
}

#[test]
fn a_file_beyond_the_cap_is_refused_before_it_is_read() {
    let fixture = Fixture::legacy("");
    // Sparse: it has the size and none of the bytes.
    let file = File::create(fixture.root().join("data/secret/2.in")).unwrap();
    file.set_len(MAX_FILE_BYTES + 1).unwrap();
    let error = fixture.refusal();
    assert!(matches!(
        error,
        PackageError::TooLarge { unit: "bytes", .. }
    ));
    assert_says(&error, &["data/secret/2.in", "bytes"]);
}

#[test]
fn settings_beyond_the_cap_are_not_read_into_memory() {
    let fixture = Fixture::legacy("");
    let file = File::create(fixture.root().join("problem.yaml")).unwrap();
    file.set_len(64 << 20).unwrap();
    assert!(matches!(fixture.refusal(), PackageError::TooLarge { .. }));
}

#[test]
fn yaml_that_multiplies_by_aliases_is_refused() {
    let mut yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = vec![format!("*a{}", level - 1); 9].join(", ");
        yaml += &format!("a{level}: &a{level} [{alias}]\n");
    }
    let error = Fixture::legacy(&yaml).refusal();
    assert!(matches!(error, PackageError::Syntax { .. }), "{error}");
}
