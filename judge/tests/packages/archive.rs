use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use judge::package::archive::{ArchiveError, UnpackLimits, pack, unpack};
use judge::package::{Package, package_digest};
use proptest::prelude::*;
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::fixture::{Fixture, assert_says};

fn packed(fixture: &Fixture) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pack(&fixture.root(), &mut bytes).unwrap();
    bytes.into_inner()
}

/// An archive of these entries; a name that ends with a slash is a directory.
fn zipped(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn unpacked(bytes: &[u8]) -> Result<TempDir, ArchiveError> {
    unpacked_within(bytes, &UnpackLimits::default())
}

fn unpacked_within(bytes: &[u8], limits: &UnpackLimits) -> Result<TempDir, ArchiveError> {
    let folder = TempDir::new().unwrap();
    let package = folder.path().join("package");
    let result = unpack(Cursor::new(bytes), &package, limits);
    // Whatever an archive tries, nothing appears beside the destination.
    let beside = fs::read_dir(folder.path()).unwrap();
    let others = beside.filter(|entry| entry.as_ref().unwrap().path() != package);
    assert_eq!(others.count(), 0);
    result.map(|()| folder)
}

fn content(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join("package").join(path)).unwrap()
}

#[test]
fn a_package_has_the_same_digest_after_the_journey() {
    let fixture = Fixture::legacy("")
        .file(".timelimit", "2\n")
        .file(".hidden", "")
        .file("data/secret/.trash", "")
        .link("data/secret/2.in", "1.in")
        .link("data/secret/2.ans", "1.ans");
    let folder = unpacked(&packed(&fixture)).unwrap();
    let package = folder.path().join("package");
    assert_eq!(
        package_digest(&package).unwrap(),
        package_digest(&fixture.root()).unwrap()
    );
    assert!(!package.join(".hidden").exists());
    assert_eq!(content(&folder, ".timelimit"), "2\n");
}

#[test]
fn the_same_files_give_the_same_bytes_whenever_they_were_written() {
    let fixture = Fixture::legacy("");
    let earlier = packed(&fixture);
    let file = fs::File::options()
        .append(true)
        .open(fixture.root().join("problem.yaml"))
        .unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(packed(&fixture), earlier);
    assert_eq!(packed(&Fixture::legacy("")), earlier);
}

#[test]
fn programs_stay_executable_and_nothing_else_becomes_so() {
    let fixture = Fixture::legacy("").file("output_validators/check/run", "#!/bin/sh\n");
    let run = fixture.root().join("output_validators/check/run");
    fs::set_permissions(run, fs::Permissions::from_mode(0o4777)).unwrap();
    let folder = unpacked(&packed(&fixture)).unwrap();
    let mode = |path: &str| {
        let path = folder.path().join("package").join(path);
        fs::metadata(path).unwrap().permissions().mode() & 0o7111
    };
    assert_eq!(mode("output_validators/check/run") & 0o7100, 0o100);
    assert_eq!(mode("problem.yaml"), 0);
}

#[test]
fn both_shapes_unpack_to_the_same_package() {
    for prefix in ["", "demo/"] {
        let yaml = format!("{prefix}problem.yaml");
        let input = format!("{prefix}data/secret/1.in");
        let bytes = zipped(&[(&input, "1"), (&yaml, "name: x"), ("__MACOSX/demo/x", "")]);
        let folder = unpacked(&bytes).unwrap();
        assert_eq!(content(&folder, "data/secret/1.in"), "1", "{prefix}");
        assert_eq!(content(&folder, "problem.yaml"), "name: x", "{prefix}");
    }
}

#[test]
fn an_archive_with_the_separators_of_windows_is_the_same_package() {
    let entries = [
        ("name\\", ""),
        ("name\\problem.yaml", "name: x"),
        ("name\\data\\secret\\1.in", "1"),
    ];
    let folder = unpacked(&zipped(&entries)).unwrap();
    assert_eq!(content(&folder, "data/secret/1.in"), "1");
    assert_eq!(content(&folder, "problem.yaml"), "name: x");
    let twice = [("problem.yaml", ""), ("data\\a", "1"), ("data/a", "2")];
    let error = unpacked(&zipped(&twice)).unwrap_err();
    assert!(matches!(error, ArchiveError::Duplicate(_)), "{error}");
}

#[test]
fn names_that_lead_out_are_refused_before_anything_is_written() {
    for name in [
        "../evil",
        "data/../../evil",
        "/etc/evil",
        "data//evil",
        "data/./evil",
        "..\\evil",
        "\\evil",
        "data\\..\\..\\evil",
        "\\\\host\\evil",
        "C:\\evil",
        "C:/evil",
        "..",
    ] {
        let error = unpacked(&zipped(&[("problem.yaml", ""), (name, "x")])).unwrap_err();
        match error {
            ArchiveError::UnsafeEntry { name: refused, .. } => assert_eq!(refused, name),
            other => panic!("{name}: {other}"),
        }
    }
}

/// An archive of these files and links.
fn linked(files: &[(&str, &str)], links: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, target) in links {
        zip.add_symlink(*name, *target, options).unwrap();
    }
    for (name, content) in files {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_link_within_an_archive_becomes_a_copy_in_both_shapes() {
    for top in ["", "demo/"] {
        let name = |path: &str| format!("{top}{path}");
        let files = [
            (name("problem.yaml"), "name: x"),
            (name("data/sample/1.in"), "1"),
        ];
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), *text))
            .collect();
        let links = [
            (name("data/secret/1.in"), "../sample/./1.in"),
            (name("data/secret/2.in"), "1.in"),
        ];
        let links: Vec<_> = links
            .iter()
            .map(|(name, to)| (name.as_str(), *to))
            .collect();
        let folder = unpacked(&linked(&files, &links)).unwrap();
        for path in ["data/secret/1.in", "data/secret/2.in"] {
            assert_eq!(content(&folder, path), "1", "{path}");
            let path = folder.path().join("package").join(path);
            assert!(!fs::symlink_metadata(path).unwrap().is_symlink());
        }
    }
}

#[test]
fn links_that_lead_to_no_file_of_the_archive_are_refused() {
    let files = [("problem.yaml", "name: x"), ("data/secret/1.in", "1")];
    for target in [
        "/etc/hostname",
        "../../etc/hostname",
        "data/secret/9.in",
        "data/secret",
        "evil",
        "evil/../problem.yaml/x",
        "",
        "..\\evil",
    ] {
        let error = unpacked(&linked(&files, &[("evil", target)])).unwrap_err();
        assert!(
            matches!(&error, ArchiveError::UnsafeEntry { name, .. } if name == "evil"),
            "{target}: {error}"
        );
    }
    let error = unpacked(&linked(&[("data/evil", "x")], &[("data", "/etc")])).unwrap_err();
    assert!(matches!(error, ArchiveError::UnsafeEntry { name, .. } if name == "data"));
    let circle = [("a", "b"), ("b", "a")];
    assert!(unpacked(&linked(&files, &circle)).is_err());
}

#[test]
fn copies_of_links_count_against_the_cap() {
    let big = "0".repeat(1 << 20);
    let bytes = linked(&[("big", &big)], &[("a", "big"), ("b", "big")]);
    let limits = |total_bytes| UnpackLimits {
        total_bytes,
        ..UnpackLimits::default()
    };
    unpacked_within(&bytes, &limits(3 << 20)).unwrap();
    let error = unpacked_within(&bytes, &limits((3 << 20) - 1)).unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge { .. }), "{error}");
}

#[test]
fn names_that_differ_in_case_alone_are_two_files() {
    let bytes = zipped(&[("problem.yaml", ""), ("data/a.in", "1"), ("data/A.in", "2")]);
    let folder = unpacked(&bytes).unwrap();
    assert_eq!(content(&folder, "data/a.in"), "1");
    assert_eq!(content(&folder, "data/A.in"), "2");
}

#[test]
fn a_path_that_is_claimed_twice_is_refused() {
    // The writer refuses equal names, so the second is given the first's name afterwards.
    let mut twice = zipped(&[("problem.yaml", "a"), ("problem.yamm", "b")]);
    for at in 0..twice.len() - 4 {
        if &twice[at..at + 4] == b"yamm" {
            twice[at..at + 4].copy_from_slice(b"yaml");
        }
    }
    let error = unpacked(&twice).unwrap_err();
    assert!(matches!(error, ArchiveError::Duplicate(_)), "{error}");

    for entries in [
        [("data", "a file"), ("data/1.in", "b")],
        [("data/1.in", "b"), ("data", "a file")],
    ] {
        let error = unpacked(&zipped(&entries)).unwrap_err();
        assert!(matches!(error, ArchiveError::Duplicate(_)), "{error}");
    }
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_stopped_at_the_cap() {
    let zeros = "0".repeat(1 << 20);
    let bomb = zipped(&[("a", &zeros), ("b", &zeros), ("c", &zeros)]);
    let limits = |entries, file_bytes, total_bytes| UnpackLimits {
        entries,
        file_bytes,
        total_bytes,
    };
    unpacked_within(&bomb, &limits(3, 1 << 20, 3 << 20)).unwrap();
    for (limits, what) in [
        (limits(2, 1 << 20, 3 << 20), "the archive"),
        (limits(3, (1 << 20) - 1, 3 << 20), "a"),
        (limits(3, 1 << 20, (3 << 20) - 1), "the archive"),
    ] {
        match unpacked_within(&bomb, &limits).unwrap_err() {
            ArchiveError::TooLarge { what: got, .. } => assert_eq!(got, what),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn two_problems_in_one_archive_are_no_package() {
    let bytes = zipped(&[
        ("problem.yaml", "name: x"),
        ("demo/problem.yaml", "name: y"),
    ]);
    let folder = unpacked(&bytes).unwrap();
    let error = Package::load(&folder.path().join("package")).unwrap_err();
    assert_says(&error, &["demo/problem.yaml", "one problem"]);
}

#[test]
fn bytes_that_are_no_archive_or_a_broken_one_are_told_apart_from_a_broken_disk() {
    let good = packed(&Fixture::legacy(""));
    let mut flipped = good.clone();
    // A local header has 30 bytes and the name, then come the file's compressed bytes.
    flipped[30 + "data/secret/1.ans".len() + 1] ^= 0xff;
    for bytes in [&b""[..], b"no zip", &good[..good.len() / 2], &flipped] {
        let error = unpacked(bytes).unwrap_err();
        assert!(matches!(error, ArchiveError::NotAZip(_)), "{error:?}");
    }
}

/// Paths below a directory, without following links; fails on anything that is not a file or a directory.
fn plain_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        assert!(!kind.is_symlink(), "{}", entry.path().display());
        if kind.is_dir() {
            files.extend(plain_files(&entry.path()));
        } else {
            assert!(kind.is_file());
            files.push(entry.path());
        }
    }
    files
}

/// What a path in a hostile archive is made of.
const PIECES: [&str; 14] = [
    "..",
    ".",
    "",
    "/",
    "a",
    "b",
    "data",
    "problem.yaml",
    "C:",
    "\\",
    "\0",
    "-x",
    ".ssh",
    "etc",
];

fn hostile_path() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES.to_vec());
    prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_hostile_archive_is_refused_or_leaves_plain_files_in_its_place(
        entries in prop::collection::vec((hostile_path(), prop::option::of(hostile_path())), 1..8),
    ) {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        for (name, link) in &entries {
            // The writer refuses names it has; the reader is what is tried here.
            let _ = match link {
                Some(target) => zip.add_symlink(name, target, options),
                None => zip.start_file(name, options).map(|()| drop(zip.write_all(b"x"))),
            };
        }
        let bytes = zip.finish().unwrap().into_inner();
        let limits = UnpackLimits { entries: 16, file_bytes: 16, total_bytes: 64 };
        if let Ok(folder) = unpacked_within(&bytes, &limits) {
            let files = plain_files(folder.path());
            let total: u64 = files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
            prop_assert!(total <= 64);
        }
    }

    #[test]
    fn a_damaged_archive_is_refused_or_harmless(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = zipped(&[("problem.yaml", "name: x"), ("data/secret/1.in", "1")]);
        for (at, byte) in damage {
            *at.get_mut(&mut bytes) = byte;
        }
        // Either way it checks that nothing appears beside the destination.
        drop(unpacked(&bytes));
    }
}

#[test]
fn a_package_that_lies_is_not_packed() {
    let fixture = Fixture::legacy("").link("data/secret/2.in", "/etc/hostname");
    let error = pack(&fixture.root(), Cursor::new(Vec::new())).unwrap_err();
    assert!(matches!(error, ArchiveError::Package(_)));
    let nowhere = pack(Path::new("/nowhere/at/all"), Cursor::new(Vec::new()));
    assert!(nowhere.is_err());
}
