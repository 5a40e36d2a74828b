//! Whether a program's output is right: the default validator in-process, a package's own in a box by the 42/43 protocol.

mod desk;
mod feedback;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use rustix::fs::MemfdFlags;
use sandbox::{Cancel, Capture, Outcome, Stdin};

pub(crate) use desk::{Desk, FEEDBACK};
pub(crate) use feedback::Feedback;

use crate::compare::{Flags, default_validator};
use crate::package::{OutputValidator, Package, PackageProgram, TestCase};
use crate::program::Runnable;
use crate::run::MESSAGE_BYTES;
use crate::text::capped_text;
use crate::trial::Trial;
use crate::worker::Worker;
use crate::{Fault, ScoreFiles, Verdict};

/// The exit statuses of the protocol; every other one is a failure of the validator.
pub(crate) const ACCEPT: i32 = 42;
pub(crate) const WRONG_ANSWER: i32 = 43;

/// What judges the output of a package's cases.
#[derive(Clone, Debug)]
pub(crate) enum Validator {
    /// Token by token, in-process.
    Default,
    /// The package's own programs; all must accept.
    Custom(Vec<CustomValidator>),
}

/// One of the package's own validators, built.
#[derive(Clone, Debug)]
pub(crate) struct CustomValidator {
    pub(crate) program: PackageProgram,
    pub(crate) runnable: Runnable,
}

/// What is said of one case.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) jury_message: String,
    pub(crate) team_message: String,
    pub(crate) score_files: ScoreFiles,
    /// The input of the pass that the validator asks for.
    pub(crate) next_input: Option<Vec<u8>>,
}

impl Judged {
    pub(crate) fn without_validator(verdict: Verdict, jury_message: String) -> Judged {
        Judged {
            verdict,
            jury_message,
            team_message: String::new(),
            score_files: ScoreFiles::default(),
            next_input: None,
        }
    }

    /// The word of one validator more.
    fn and(mut self, other: Judged) -> Judged {
        for (ours, theirs) in [
            (&mut self.jury_message, &other.jury_message),
            (&mut self.team_message, &other.team_message),
        ] {
            *ours = capped_text(format!("{ours}{theirs}").as_bytes(), MESSAGE_BYTES);
        }
        Judged {
            verdict: other.verdict,
            ..self
        }
    }
}

/// What the word on an output depends on besides the output.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) package: &'a Package,
    pub(crate) validator: &'a Validator,
    pub(crate) cancel: &'a Cancel,
}

impl Trial<'_> {
    pub(crate) fn bench(&self) -> Bench<'_> {
        Bench {
            package: self.package,
            validator: &self.validator,
            cancel: self.cancel,
        }
    }
}

impl Validator {
    /// A place for each of the package's own validators.
    pub(crate) fn desks(&self, package: &Package, case: &TestCase) -> Result<Vec<Desk>, Fault> {
        let Validator::Custom(validators) = self else {
            return Ok(Vec::new());
        };
        validators
            .iter()
            .map(|validator| Desk::new(package, case, case.args_of_validator(&validator.program)))
            .collect()
    }
}

impl Worker {
    /// The package's validator, built if it has to be.
    pub(crate) fn validator(
        &mut self,
        package: &Package,
        cancel: &Cancel,
    ) -> Result<Validator, Fault> {
        let programs = match &package.validator {
            OutputValidator::Default => return Ok(Validator::Default),
            OutputValidator::Custom(program) => std::slice::from_ref(program),
            OutputValidator::All(programs) => programs,
        };
        let mut validators = Vec::with_capacity(programs.len());
        for program in programs {
            validators.push(CustomValidator {
                program: program.clone(),
                runnable: self.build_package_program(program, package, cancel)?,
            });
        }
        Ok(Validator::Custom(validators))
    }

    /// Judges what the program printed in one pass over a case; the first validator that rejects has the last word.
    pub(crate) fn validate(
        &mut self,
        bench: Bench<'_>,
        case: &TestCase,
        desks: &mut Vec<Desk>,
        output: &[u8],
    ) -> Result<Judged, Fault> {
        let Validator::Custom(validators) = bench.validator else {
            return compare(bench.package, case, output);
        };
        if desks.is_empty() {
            *desks = bench.validator.desks(bench.package, case)?;
        }
        let mut judged: Option<Judged> = None;
        for (validator, desk) in validators.iter().zip(desks.iter()) {
            let word = self.ask(bench, validator, desk, output)?;
            let rejects = word.verdict != Verdict::Accepted;
            judged = Some(match judged {
                Some(before) => before.and(word),
                None => word,
            });
            if rejects {
                break;
            }
        }
        judged.ok_or_else(|| Fault::Package {
            package: bench.package.id.clone(),
            why: "it has no output validator".to_owned(),
        })
    }

    fn ask(
        &mut self,
        bench: Bench<'_>,
        validator: &CustomValidator,
        desk: &Desk,
        output: &[u8],
    ) -> Result<Judged, Fault> {
        let call = desk.call(Stdin::File(memory_file(output)?), Capture::Null);
        let limits = &bench.package.limits;
        let outcome = self.run_package_program(&validator.runnable, call, limits, bench.cancel)?;
        let verdict = desk.feedback.verdict(&outcome)?;
        let mut judged = desk.feedback.judged(verdict, &outcome)?;
        judged.next_input = desk.feedback.take_next_input(verdict)?;
        Ok(judged)
    }
}

/// Anything but 42 and 43 is a failure of the package, whatever the output was.
pub(crate) fn ended_wrongly(outcome: &Outcome) -> String {
    let stderr = capped_text(&outcome.stderr, 1024);
    format!(
        "it ended with {:?} instead of status 42 or 43; its standard error: {stderr:?}",
        outcome.ending
    )
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
