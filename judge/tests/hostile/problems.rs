//! The problems that the programs of the corpus are submitted to; `refused` is the answer to all of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use judge::package::Package;

use crate::bait::Bait;
use crate::fixture::{self, Fixture, Place};

/// Time limit of a compiler on a host where programs start in no time.
const COMPILE_TIME: Duration = Duration::from_secs(5);
/// Time limit of an output validator there.
const VALIDATION_TIME: Duration = Duration::from_secs(2);
/// The cases of a problem, each of which tells its number.
const CASES: u32 = 2;

pub(crate) struct Problems {
    directory: PathBuf,
    slower: f64,
    run: Package,
    files: Package,
    passes: Package,
    interactive: Package,
}

impl Problems {
    /// Writes them into `directory`.
    pub(crate) fn make(directory: &Path, bait: &Bait) -> Problems {
        let two_passes = "allow_file_writing: true\ntype: multi-pass";
        let both = "allow_file_writing: true\ntype: [interactive, multi-pass]";
        Problems {
            slower: 1.0,
            run: package(directory, "run", "", CASES, bait),
            files: package(directory, "files", "allow_file_writing: true", CASES, bait),
            passes: package_with_interactor(directory, "passes", two_passes, bait),
            interactive: package_with_interactor(directory, "interactive", both, bait),
            directory: directory.to_owned(),
        }
    }

    /// Gives compilers and validators the time that they need on a host that is so many times slower.
    pub(crate) fn allow_time(&mut self, slower: f64) {
        self.slower = slower;
        let Problems {
            run,
            files,
            passes,
            interactive,
            ..
        } = self;
        for package in [run, files, passes, interactive] {
            package.limits.compilation_time = COMPILE_TIME.mul_f64(slower);
            package.limits.validation_time = VALIDATION_TIME.mul_f64(slower);
        }
    }

    /// The problem to which a program of this place is submitted.
    pub(crate) fn of(&self, place: Place) -> &Package {
        match place {
            Place::Files => &self.files,
            Place::Passes => &self.passes,
            Place::Interactive => &self.interactive,
            Place::Run | Place::Compile | Place::Validator => &self.run,
        }
    }

    /// One with the program as its output validator, and its folder.
    pub(crate) fn with_validator(&self, fixture: &Fixture, bait: &Bait) -> (Package, PathBuf) {
        let name = fixture
            .name
            .replace(|symbol: char| !symbol.is_ascii_alphanumeric(), "")
            .to_lowercase();
        let root = self.directory.join(&name);
        for file in &fixture.files {
            add_to_validator(&root, &file.name, &file.content);
        }
        let mut package = package(&self.directory, &name, "", CASES, bait);
        package.limits.validation_time = VALIDATION_TIME.mul_f64(self.slower);
        (package, root)
    }
}

/// One whose interactor, or output validator, asks for a second pass in place of a second case.
fn package_with_interactor(directory: &Path, name: &str, more: &str, bait: &Bait) -> Package {
    let interactor = fixture::interactor();
    add_to_validator(&directory.join(name), &interactor.name, &interactor.content);
    package(directory, name, more, 1, bait)
}

fn add_to_validator(root: &Path, name: &str, content: &[u8]) {
    let validator = root.join("output_validator");
    fs::create_dir_all(&validator).unwrap();
    fs::write(validator.join(name), content).unwrap();
}

fn package(directory: &Path, name: &str, more: &str, cases: u32, bait: &Bait) -> Package {
    let root = directory.join(name);
    let secret = root.join("data/secret");
    fs::create_dir_all(&secret).unwrap();
    fs::write(
        root.join("problem.yaml"),
        format!(
            "problem_format_version: 2025-09\nname: Hostile\nuuid: 5d1b9f0e-2c7a-4f6b-9a51-6f1a0c3f7e2d\n{more}\n\
             limits:\n  memory: 64\n  output: 1\n  code: 1024\n  time_limit: 10\n  compilation_time: 60\n  \
             compilation_memory: 512\n  validation_time: 2\n  validation_memory: 128\n  validation_output: 1\n"
        ),
    )
    .unwrap();
    for case in 1..=cases {
        let answer = secret.join(format!("{case}.ans"));
        fs::write(&answer, "refused\n").unwrap();
        fs::write(secret.join(format!("{case}.in")), bait.facts(case, &answer)).unwrap();
    }
    Package::load(&root).unwrap()
}
