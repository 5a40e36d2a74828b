//! Whether a program's output is right: the default validator in-process, a package's own in a box by the 42/43 protocol.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::MemfdFlags;
use sandbox::{
    Cancel, Capture, Ending, Limits, Mount, Outcome, Program, Stdin, Volume, VolumeError,
};

use crate::compare::{Flags, default_validator};
use crate::compile::{CompileLimits, Compiled};
use crate::decide::wall_limit;
use crate::package::{OutputValidator, Package, PackageProgram, TestCase};
use crate::program::{DIRECTORY, Runnable, read_files};
use crate::run::MESSAGE_BYTES;
use crate::text::capped_text;
use crate::worker::{Trial, Worker};
use crate::{Fault, Source, SourceFile, Verdict, admit};

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
}

impl Judged {
    pub(crate) fn without_validator(verdict: Verdict, jury_message: String) -> Judged {
        Judged {
            verdict,
            jury_message,
            team_message: String::new(),
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
        let PackageProgram { name, files } = match &package.validator {
            OutputValidator::Custom(program) => program,
            // `admit::check_package` has refused several.
            OutputValidator::Default | OutputValidator::All(_) => return Ok(Validator::Default),
        };
        let refuse = |why: String| Fault::Package {
            package: package.id.clone(),
            why: format!("its output validator {name} {why}"),
        };
        let source = Source {
            files: read_files(files)?,
            language: None,
            entry_point: None,
        };
        let script = |file: &&SourceFile| file.name == "build" || file.name == "run";
        if let Some(script) = source.files.iter().find(script) {
            return Err(refuse(format!(
                "brings a script `{}`; use C++ or Python 3 sources",
                script.name
            )));
        }
        let shared = Arc::clone(&self.shared);
        let unit = admit::unit_as_it_is(&shared.languages, &source)
            .map_err(|error| refuse(format!("cannot be compiled: {error}")))?;
        let limits = CompileLimits::from(&package.limits);
        match self.compile(&unit, limits, cancel, &mut || {})? {
            Compiled::Program(program) => Ok(Validator::Custom(program)),
            Compiled::Refused { reason, log } => {
                Err(refuse(format!("does not compile ({reason}): {log}")))
            }
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
        let call = validator_call(package, case, program, output, &feedback)?;
        let outcome = self.run(call, trial.cancel)?;
        let verdict = match outcome.ending {
            Ending::Exited(ACCEPT) => Verdict::Accepted,
            Ending::Exited(WRONG_ANSWER) => Verdict::WrongAnswer,
            Ending::ExecFailed(errno) => {
                let command = &program.language.run.command;
                return Err(Fault::not_executable(&program.language, command, errno));
            }
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

fn validator_call(
    package: &Package,
    case: &TestCase,
    program: &Runnable,
    output: &[u8],
    feedback: &Arc<Volume>,
) -> Result<Program, Fault> {
    let limits = &package.limits;
    let mut argv: Vec<OsString> = program
        .argv(limits.validation_memory_bytes)
        .into_iter()
        .map(Into::into)
        .collect();
    argv.extend([INPUT, ANSWER, FEEDBACK].map(OsString::from));
    argv.extend(case.validator_args.iter().map(OsString::from));
    Ok(Program {
        argv,
        env: program.language.env(),
        cwd: PathBuf::from(DIRECTORY),
        mounts: vec![
            program.shared_directory(),
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
        stdin: Stdin::File(memory_file(output)?),
        stdout: Capture::Null,
        stderr: Capture::Memory {
            cap_bytes: limits.validation_output_bytes.min(MESSAGE_BYTES as u64),
            fatal: false,
        },
        limits: Limits {
            cpu: limits.validation_time,
            wall: wall_limit(limits.validation_time),
            memory_bytes: program.memory_with_runtime(limits.validation_memory_bytes),
            processes: program.language.run.processes,
            file_size_bytes: limits.validation_output_bytes,
            open_files: 256,
        },
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

/// A message the validator left; it may leave anything under that name, and only a regular file counts.
fn feedback_text(feedback: &Volume, name: &str, case: &TestCase) -> Result<String, Fault> {
    match feedback.open(name) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(MESSAGE_BYTES as u64 + 1)
                .read_to_end(&mut bytes)
                .map_err(Fault::io("read the feedback of", &case.name))?;
            Ok(capped_text(&bytes, MESSAGE_BYTES))
        }
        Err(VolumeError::Missing(_)) => Ok(String::new()),
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
