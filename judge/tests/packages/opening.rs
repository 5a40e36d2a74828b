//! A package given as a directory or as a file.

use std::fs::{self, File};
use std::path::Path;

use judge::package::archive::pack;
use judge::package::{OpenError, open};
use tempfile::TempDir;

use crate::fixture::Fixture;

#[test]
fn a_file_is_unpacked_for_as_long_as_it_is_open() {
    let fixture = Fixture::legacy("").case("secret/2");
    let folder = TempDir::new().unwrap();
    let digest = open(&fixture.root()).unwrap().digest.clone();
    for name in ["sums.zip", "sums.kpp"] {
        let file = folder.path().join(name);
        pack(&fixture.root(), File::create(&file).unwrap()).unwrap();
        let package = open(&file).unwrap();
        assert_eq!(package.id, "sums");
        assert_eq!(package.digest, digest);
        assert_eq!(package.warnings, []);
        let input = package.cases[0].input.clone();
        assert_eq!(fs::read(&input).unwrap(), b"1\n");
        drop(package);
        assert!(!input.exists());
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("sums.zip");
    fs::write(&file, "no archive").unwrap();
    assert!(matches!(open(&file), Err(OpenError::Archive(_))));
    assert!(matches!(
        open(Path::new("/nowhere")),
        Err(OpenError::Package(_))
    ));
}
