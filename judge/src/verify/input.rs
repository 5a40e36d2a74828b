//! Input validators: each must take every input of the package, some must refuse the invalid ones, and none should take everything.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox::{Capture, Ending, Mount, Outcome, Stdin, Volume};

use super::{Finding, Verification};
use crate::Fault;
use crate::package::{
    PackageFile, PackageProgram, ValidatorArgs, ValidatorTest, ValidatorTestKind,
};
use crate::package_program::PackageRun;
use crate::program::{Runnable, read_files};
use crate::text::capped_text;
use crate::validate::{ACCEPT, memory_file};

/// Where the files of a case are, when it has any.
const FILES: &str = "/files";
/// Formats of checkers that are data for another program.
const NOT_RUN: [(&str, &str); 2] = [(".ctd", "Checktestdata"), (".viva", "VIVA")];
/// Inputs that no problem has all of. A checker that takes them all checks nothing.
const JUNK: [&[u8]; 5] = [
    b"",
    b"\xff\x00\xfe\x01 \x80\x81\x82\n",
    b"-1\n-1 -1\nnan inf 1e999\n",
    b"the quick brown fox; DROP TABLE cases --\n\n\n\t\n",
    b"99999999999999999999999999999999999999999999999999\n0 0 0 0 0",
];

/// An input validator that was built.
struct Checker {
    program: PackageProgram,
    runnable: Runnable,
}

/// What checkers are given.
struct Input<'a> {
    content: File,
    args: &'a ValidatorArgs,
    files: &'a [PackageFile],
}

impl Verification<'_> {
    pub(super) fn check_inputs(&mut self) -> Result<(), Fault> {
        let package = self.package;
        let checkers = self.checkers()?;
        if package.input_validators.is_empty() {
            let message =
                "none is there, so nothing says that the test data is what the statement promises";
            self.find(Finding::warning("input_validators", message));
        }
        for case in &package.cases {
            let (args, files) = (&case.input_validator_args, &case.files);
            self.must_be_valid(&checkers, &case.name, &case.input, args, files)?;
            self.checked.inputs += usize::from(!checkers.is_empty());
        }
        for test in &package.self_tests {
            self.check_input_of_test(&checkers, test)?;
        }
        for checker in &checkers {
            self.throw_junk(checker)?;
        }
        Ok(())
    }

    /// The input validators that can be run here; the others are told of by name.
    fn checkers(&mut self) -> Result<Vec<Checker>, Fault> {
        let mut checkers = Vec::new();
        for program in &self.package.input_validators {
            let is_of = |(ending, _): &&(&str, &str)| program.name.ends_with(ending);
            if let Some((_, format)) = NOT_RUN.iter().find(is_of) {
                let message = format!(
                    "is written in {format}, which is not run here: nothing it says is checked"
                );
                self.find(Finding::warning(&program.name, message));
                continue;
            }
            let built = self
                .worker
                .build_package_program(program, self.package, self.cancel);
            match built {
                Ok(runnable) => checkers.push(Checker {
                    program: program.clone(),
                    runnable,
                }),
                Err(fault @ Fault::Package { .. }) => {
                    self.find(Finding::error(&program.name, fault.to_string()));
                }
                Err(fault @ Fault::NotAvailable { .. }) => {
                    self.find(Finding::warning(&program.name, fault.to_string()));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(checkers)
    }

    fn must_be_valid(
        &mut self,
        checkers: &[Checker],
        name: &str,
        path: &Path,
        args: &ValidatorArgs,
        files: &[PackageFile],
    ) -> Result<(), Fault> {
        for checker in checkers {
            let content = File::open(path).map_err(Fault::io("open", path))?;
            let input = Input {
                content,
                args,
                files,
            };
            let outcome = self.run_checker(checker, input)?;
            if outcome.ending != Ending::Exited(ACCEPT) {
                let who = &checker.program.name;
                let message = format!("is refused by {who}: {}", told(&outcome));
                self.find(Finding::error(format!("data/{name}.in"), message));
            }
        }
        Ok(())
    }

    /// An invalid input must be refused by somebody; the other tests have valid ones.
    fn check_input_of_test(
        &mut self,
        checkers: &[Checker],
        test: &ValidatorTest,
    ) -> Result<(), Fault> {
        let (args, files) = (&test.input_validator_args, &test.files);
        if test.kind != ValidatorTestKind::InvalidInput {
            return self.must_be_valid(checkers, &test.name, &test.input, args, files);
        }
        self.checked.self_tests += 1;
        for checker in checkers {
            let path = &test.input;
            let content = File::open(path).map_err(Fault::io("open", path))?;
            let input = Input {
                content,
                args,
                files,
            };
            if self.run_checker(checker, input)?.ending != Ending::Exited(ACCEPT) {
                return Ok(());
            }
        }
        let file = format!("data/{}.in", test.name);
        let complete = checkers.len() == self.package.input_validators.len();
        self.find(match (checkers.is_empty(), complete) {
            (false, true) => Finding::error(file, "is taken as valid by every input validator"),
            _ => Finding::warning(file, "no input validator that can be run here refuses it"),
        });
        Ok(())
    }

    fn throw_junk(&mut self, checker: &Checker) -> Result<(), Fault> {
        for junk in JUNK {
            let input = Input {
                content: memory_file(junk)?,
                args: &ValidatorArgs::default(),
                files: &[],
            };
            if self.run_checker(checker, input)?.ending != Ending::Exited(ACCEPT) {
                return Ok(());
            }
        }
        let message = "takes everything, also an empty input and random bytes";
        self.find(Finding::warning(&checker.program.name, message));
        Ok(())
    }

    fn run_checker(&mut self, checker: &Checker, input: Input<'_>) -> Result<Outcome, Fault> {
        let files = match input.files {
            [] => None,
            files => Some(volume_of(files)?),
        };
        let run = PackageRun {
            args: input
                .args
                .of(&checker.program)
                .iter()
                .map(Into::into)
                .collect(),
            stdin: Stdin::File(input.content),
            stdout: Capture::Null,
            cwd: files.is_some().then(|| PathBuf::from(FILES)),
            mounts: files.into_iter().collect(),
        };
        let limits = &self.package.limits;
        self.worker
            .run_package_program(&checker.runnable, run, limits, self.cancel)
    }
}

/// The files of a case, where a checker is started when there are any.
fn volume_of(files: &[PackageFile]) -> Result<Mount, Fault> {
    let files = read_files(files)?;
    let bytes: u64 = files
        .iter()
        .map(|file| file.content.len() as u64 + 4096)
        .sum();
    let volume = Volume::new(bytes + 4096, files.len() as u64 * 2 + 16)?;
    for file in &files {
        volume.write(&file.name, &file.content, 0o644)?;
    }
    Ok(Mount::Volume {
        volume: Arc::new(volume),
        target: PathBuf::from(FILES),
        writable: false,
    })
}

/// How a checker ended, and the beginning of what it said.
fn told(outcome: &Outcome) -> String {
    let said = capped_text(&outcome.stderr, 2048);
    let said = said.lines().rfind(|line| !line.trim().is_empty());
    let ending = match outcome.ending {
        Ending::Exited(status) => format!("exit status {status} instead of 42"),
        other => format!("it ended with {other:?}"),
    };
    match said {
        Some(line) => format!("{ending} ({})", line.trim()),
        None => ending,
    }
}
