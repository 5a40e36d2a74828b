use std::fs;

use judge::package::package_digest;

use crate::fixture::Fixture;

fn digest(fixture: &Fixture) -> String {
    package_digest(&fixture.root()).unwrap()
}

#[test]
fn a_digest_is_64_hex_digits_and_that_of_the_loaded_package() {
    let fixture = Fixture::legacy("");
    let digest = digest(&fixture);
    assert_eq!(digest.len(), 64);
    assert!(digest.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(fixture.load().digest, digest);
}

#[test]
fn the_way_of_counting_never_changes_unnoticed() {
    // Worked out apart from the code, from what `package_digest` says it is.
    let expected = "ea32c728f69fd7278f4bcc7d435317f74fc7fd8d53e1eabda0e650cdb33e6541";
    assert_eq!(digest(&Fixture::legacy("")), expected);
}

#[test]
fn every_change_of_a_file_that_counts_changes_the_digest() {
    let plain = digest(&Fixture::legacy(""));
    let moved = Fixture::legacy("")
        .without("submissions/accepted")
        .file("submissions/accepted/left.py", "print(1)\n");
    for changed in [
        Fixture::legacy("").file("data/secret/1.in", "2\n"),
        Fixture::legacy("").file("data/secret/1.in", ""),
        Fixture::legacy("").file("statement.txt", ""),
        Fixture::legacy("").file(".timelimit", "1\n"),
        Fixture::legacy("").without("submissions"),
        moved,
    ] {
        assert_ne!(digest(&changed), plain);
    }
}

#[test]
fn bytes_cannot_move_from_a_name_to_its_content_or_to_the_next_file() {
    let pair = |a: (&str, &str), b: (&str, &str)| {
        digest(&Fixture::legacy("").file(a.0, a.1).file(b.0, b.1))
    };
    let one = pair(("x/a", "bc"), ("x/d", "e"));
    assert_ne!(one, pair(("x/ab", "c"), ("x/d", "e")));
    assert_ne!(one, pair(("x/a", "b"), ("x/cd", "e")));
    assert_ne!(one, pair(("x/a", "bce"), ("x/d", "")));
}

#[test]
fn what_the_format_ignores_does_not_count() {
    let plain = digest(&Fixture::legacy(""));
    let fixture = Fixture::legacy("")
        .file(".git/HEAD", "")
        .file("data/.DS_Store", "")
        .file("data/secret/.timelimit", "")
        .file("read me.txt", "");
    fs::create_dir(fixture.root().join("empty")).unwrap();
    assert_eq!(digest(&fixture), plain);
}

#[test]
fn a_link_counts_as_the_copy_it_stands_for() {
    let copy = Fixture::legacy("").file("data/secret/2.in", "1\n");
    let link = Fixture::legacy("").link("data/secret/2.in", "1.in");
    assert_eq!(digest(&copy), digest(&link));
}
