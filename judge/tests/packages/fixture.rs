//! Small packages, written where a test wants them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use judge::Verdict;
use judge::package::{JurySubmission, Package, PackageError, TestCase};
use tempfile::TempDir;

/// A package in a directory of its own that goes away with it.
pub(crate) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new(problem_yaml: &str) -> Self {
        let fixture = Self {
            folder: TempDir::new().unwrap(),
        };
        fixture
            .file("problem.yaml", problem_yaml)
            .case("secret/1")
            .file("submissions/accepted/right.py", "print(1)\n")
    }

    /// The least package of the legacy format, with more lines in its problem.yaml.
    pub(crate) fn legacy(more: &str) -> Self {
        Self::new(&format!("name: Demo\n{more}\n"))
    }

    /// The least package of 2025-09, with more lines in its problem.yaml.
    pub(crate) fn modern(more: &str) -> Self {
        let uuid = "uuid: 3d1c9a52-0c5d-4c43-9be7-3a3a3c0e5f77";
        Self::new(&format!(
            "problem_format_version: 2025-09\nname: Demo\n{uuid}\n{more}\n"
        ))
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A case by its name, with input and answer.
    pub(crate) fn case(self, name: &str) -> Self {
        self.file(&format!("data/{name}.in"), "1\n")
            .file(&format!("data/{name}.ans"), "1\n")
    }

    pub(crate) fn without(self, path: &str) -> Self {
        let path = self.root().join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    pub(crate) fn link(self, path: &str, target: impl AsRef<Path>) -> Self {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    #[track_caller]
    pub(crate) fn load(&self) -> Package {
        Package::load(&self.root()).unwrap()
    }

    #[track_caller]
    pub(crate) fn refusal(&self) -> PackageError {
        Package::load(&self.root()).unwrap_err()
    }

    /// The warnings as lines.
    #[track_caller]
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warnings = self.load().warnings;
        warnings.iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    pub(crate) fn test_case(&self, name: &str) -> TestCase {
        let mut cases = self.load().cases.into_iter();
        cases.find(|case| case.name == name).unwrap()
    }

    #[track_caller]
    pub(crate) fn submission(&self, path: &str) -> JurySubmission {
        let mut submissions = self.load().submissions.into_iter();
        submissions.find(|s| s.path == path).unwrap()
    }

    /// What a submission is expected to get, as codes.
    #[track_caller]
    pub(crate) fn expected(&self, path: &str) -> Vec<&'static str> {
        let verdicts = self.submission(path).expectation.verdicts;
        verdicts.into_iter().map(Verdict::code).collect()
    }
}

/// Asserts that the error names the file and says the words.
#[track_caller]
pub(crate) fn assert_says(error: &PackageError, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
}

/// Asserts that a feature is refused by its name, in its file.
#[track_caller]
pub(crate) fn assert_unsupported(fixture: &Fixture, feature: &str, file: &str) {
    match fixture.refusal() {
        PackageError::Unsupported {
            feature: got,
            file: at,
            advice,
            ..
        } => {
            assert_eq!((got.as_str(), at.as_str()), (feature, file));
            assert!(!advice.is_empty());
        }
        other => panic!("{feature} was refused otherwise: {other}"),
    }
}
