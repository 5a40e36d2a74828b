//! Whether a program's output is right: the default validator in-process, a package's own in a box by the 42/43 protocol.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::MemfdFlags;
use sandbox::{Cancel, Capture, Ending, Mount, Outcome, Stdin, Volume, VolumeError};

use crate::compare::{Flags, default_validator};
use crate::package::{OutputValidator, Package, TestCase};
use crate::package_program::PackageRun;
use crate::program::Runnable;
use crate::run::MESSAGE_BYTES;
use crate::text::capped_text;
use crate::worker::{Trial, Worker};
use crate::{Fault, ScoreFiles, Verdict};

const CASE: &str = "/case";
const INPUT: &str = "/case/input";
const ANSWER: &str = "/case/answer";
/// The format wants the directory's name to end with a slash.
const FEEDBACK: &str = "/feedback/";
const ACCEPT: i32 = 42;
const WRONG_ANSWER: i32 = 43;

/// What judges the output of a package's cases.
#[derive(Clone, Debug)]
pub(crate) enum Validator {
    /// Token by token, in-process.
    Default,
    /// The package's own program.
    Custom(Runnable),
}

/// What is said of one case.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) jury_message: String,
    pub(crate) team_message: String,
    pub(crate) score_files: ScoreFiles,
}

impl Judged {
    pub(crate) fn without_validator(verdict: Verdict, jury_message: String) -> Judged {
        Judged {
            verdict,
            jury_message,
            team_message: String::new(),
            score_files: ScoreFiles::default(),
        }
    }
}

impl Worker {
    /// The package's validator, compiled if it has to be.
    pub(crate) fn validator(
        &mut self,
        package: &Package,
        cancel: &Cancel,
    ) -> Result<Validator, Fault> {
        match &package.validator {
            OutputValidator::Custom(program) => self
                .build_package_program(program, package, cancel)
                .map(Validator::Custom),
            // `admit::check_package` has refused several.
            OutputValidator::Default | OutputValidator::All(_) => Ok(Validator::Default),
        }
    }

    /// Judges what the program printed on one case.
    pub(crate) fn validate(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
        output: &[u8],
    ) -> Result<Judged, Fault> {
        match &trial.validator {
            Validator::Default => compare(trial.package, case, output),
            Validator::Custom(program) => self.run_validator(trial, case, program, output),
        }
    }

    fn run_validator(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
        program: &Runnable,
        output: &[u8],
    ) -> Result<Judged, Fault> {
        let package = trial.package;
        let feedback = Arc::new(Volume::new(package.limits.validation_output_bytes, 256)?);
        let run = validator_run(case, output, &feedback)?;
        let outcome = self.run_package_program(program, run, &package.limits, trial.cancel)?;
        let verdict = match outcome.ending {
            Ending::Exited(ACCEPT) => Verdict::Accepted,
            Ending::Exited(WRONG_ANSWER) => Verdict::WrongAnswer,
            _ => return Err(misbehaved(case, &outcome)),
        };
        let mut jury_message = feedback_text(&feedback, "judgemessage.txt", case)?;
        if jury_message.is_empty() {
            jury_message = capped_text(&outcome.stderr, MESSAGE_BYTES);
        }
        Ok(Judged {
            verdict,
            jury_message,
            team_message: feedback_text(&feedback, "teammessage.txt", case)?,
            score_files: score_files(package, &feedback, case)?,
        })
    }
}

/// The default validator's word.
fn compare(package: &Package, case: &TestCase, output: &[u8]) -> Result<Judged, Fault> {
    let flags = Flags::parse(&case.validator_args).map_err(|error| Fault::Package {
        package: package.id.clone(),
        why: format!("validator arguments of case {}: {error}", case.name),
    })?;
    let answer = std::fs::read(&case.answer).map_err(Fault::io("read", &case.answer))?;
    let (verdict, message) = match default_validator(&answer, output, &flags) {
        Ok(()) => (Verdict::Accepted, String::new()),
        Err(mismatch) => (Verdict::WrongAnswer, mismatch.to_string()),
    };
    let message = capped_text(message.as_bytes(), MESSAGE_BYTES);
    Ok(Judged::without_validator(verdict, message))
}

/// Anything but 42 and 43 is a failure of the package, whatever the output was.
fn misbehaved(case: &TestCase, outcome: &Outcome) -> Fault {
    let stderr = capped_text(&outcome.stderr, 1024);
    Fault::Validator {
        case: case.name.clone(),
        what: format!(
            "it ended with {:?} instead of status 42 or 43; its standard error: {stderr:?}",
            outcome.ending
        ),
    }
}

/// The call of a validator on what the program printed.
fn validator_run(
    case: &TestCase,
    output: &[u8],
    feedback: &Arc<Volume>,
) -> Result<PackageRun, Fault> {
    let mut args: Vec<OsString> = [INPUT, ANSWER, FEEDBACK].map(OsString::from).into();
    args.extend(case.validator_args.iter().map(OsString::from));
    Ok(PackageRun {
        args,
        stdin: Stdin::File(memory_file(output)?),
        stdout: Capture::Null,
        mounts: vec![
            Mount::Volume {
                volume: Arc::new(case_volume(case)?),
                target: PathBuf::from(CASE),
                writable: false,
            },
            Mount::Volume {
                volume: Arc::clone(feedback),
                target: PathBuf::from(FEEDBACK.trim_end_matches('/')),
                writable: true,
            },
        ],
        cwd: None,
    })
}

/// The case as the validator may see it: these two files, and nothing else of the package.
fn case_volume(case: &TestCase) -> Result<Volume, Fault> {
    let files = [("input", &case.input), ("answer", &case.answer)];
    let size = |path: &PathBuf| {
        let metadata = std::fs::metadata(path).map_err(Fault::io("read", path))?;
        // A file may waste the rest of its last page.
        Ok::<u64, Fault>(metadata.len() + 4096)
    };
    let volume = Volume::new(size(&case.input)? + size(&case.answer)? + 4096, 16)?;
    for (name, path) in files {
        let content = std::fs::read(path).map_err(Fault::io("read", path))?;
        volume.write(name, &content, 0o644)?;
    }
    Ok(volume)
}

/// What the validator left about points; it means nothing in a pass-fail problem, and is not read.
fn score_files(package: &Package, feedback: &Volume, case: &TestCase) -> Result<ScoreFiles, Fault> {
    if !package.kind.scoring {
        return Ok(ScoreFiles::default());
    }
    Ok(ScoreFiles {
        score: feedback_file(feedback, "score.txt", case)?,
        multiplier: feedback_file(feedback, "score_multiplier.txt", case)?,
    })
}

/// A message the validator left; none is an empty one.
fn feedback_text(feedback: &Volume, name: &str, case: &TestCase) -> Result<String, Fault> {
    Ok(feedback_file(feedback, name, case)?.unwrap_or_default())
}

/// A file the validator left, if it did; it may leave anything under that name, and only a regular file counts.
fn feedback_file(feedback: &Volume, name: &str, case: &TestCase) -> Result<Option<String>, Fault> {
    match feedback.open(name) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(MESSAGE_BYTES as u64 + 1)
                .read_to_end(&mut bytes)
                .map_err(Fault::io("read the feedback of", &case.name))?;
            Ok(Some(capped_text(&bytes, MESSAGE_BYTES)))
        }
        Err(VolumeError::Missing(_)) => Ok(None),
        Err(error @ VolumeError::NotRegular(_)) => Err(Fault::Validator {
            case: case.name.clone(),
            what: format!("its feedback cannot be read: {error}"),
        }),
        Err(error) => Err(error.into()),
    }
}

/// A file in memory, for standard input.
pub(crate) fn memory_file(content: &[u8]) -> Result<File, Fault> {
    let in_memory = Path::new("a file in memory");
    let file = rustix::fs::memfd_create("stdin", MemfdFlags::CLOEXEC)
        .map_err(|errno| Fault::io("create", in_memory)(errno.into()))?;
    let mut file = File::from(file);
    file.write_all(content)
        .map_err(Fault::io("write", in_memory))?;
    Ok(file)
}
