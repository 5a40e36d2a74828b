//! One run of the program on one case, then the decision on what came out.

use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use sandbox::{Cancel, Capture, Ending, Limits, Mount, Outcome, Program, Stdin};

use crate::decide::{CaseLimits, failure};
use crate::package::TestCase;
use crate::passes::Pass;
use crate::program::{DIRECTORY, Runnable};
use crate::text::capped_text;
use crate::trial::Trial;
use crate::validate::{Desk, Judged, memory_file};
use crate::worker::Worker;
use crate::{CaseResult, Fault, Reason, Timing, Verdict};

/// How much of a message about one case is kept.
pub(crate) const MESSAGE_BYTES: usize = 128 << 10;
/// How much of a failed program's standard error the jury is shown.
const STDERR_BYTES: usize = 4 << 10;

/// What differs between two runs of one program.
pub(crate) struct Start<'a> {
    pub(crate) args: &'a [String],
    pub(crate) stdin: Stdin,
    /// Shown as the program's directory.
    pub(crate) directory: Mount,
}

impl Start<'_> {
    /// The program's call under a case's limits.
    pub(crate) fn call(self, program: &Runnable, limits: &CaseLimits) -> Program {
        let mut argv = program.argv(limits.memory_bytes);
        argv.extend_from_slice(self.args);
        let capture = || Capture::Memory {
            cap_bytes: limits.output_bytes,
            fatal: true,
        };
        Program {
            argv: argv.into_iter().map(Into::into).collect(),
            env: program.language.env(),
            cwd: PathBuf::from(DIRECTORY),
            mounts: vec![self.directory],
            stdin: self.stdin,
            stdout: capture(),
            stderr: capture(),
            limits: Limits {
                cpu: limits.cpu,
                wall: limits.wall(),
                memory_bytes: program.memory_with_runtime(limits.memory_bytes),
                processes: program.language.run.processes,
                file_size_bytes: limits.output_bytes,
                open_files: 256,
            },
        }
    }
}

impl Worker {
    /// One pass over a case: `input` instead of the case's own from the second one on.
    pub(crate) fn run_pass(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
        desks: &mut Vec<Desk>,
        input: Option<&[u8]>,
    ) -> Result<Pass, Fault> {
        if trial.package.kind.interactive {
            return self.talk_over(trial, case, desks);
        }
        let stdin = match input {
            Some(content) => memory_file(content)?,
            None => File::open(&case.input).map_err(Fault::io("open", &case.input))?,
        };
        let start = Start {
            args: &case.args,
            stdin: Stdin::File(stdin),
            directory: trial.directory(case)?,
        };
        let outcome = self.run_program(&trial.program, start, &trial.limits, trial.cancel)?;
        let (judged, reason) = match failure(&outcome, &trial.limits) {
            Some((verdict, reason)) => {
                let message = stderr_message(&outcome);
                (Judged::without_validator(verdict, message), Some(reason))
            }
            None => {
                let started = Instant::now();
                let judged = self.validate(trial.bench(), case, desks, &outcome.stdout)?;
                self.validating += started.elapsed();
                let silent = judged.verdict == Verdict::WrongAnswer && outcome.stdout.is_empty();
                (judged, silent.then(|| Reason::plain("no-output")))
            }
        };
        Ok(Pass::new(case, &outcome, judged, reason))
    }

    /// Runs a compiled program under a case's limits. A missing interpreter is a fault; everything else is an outcome.
    pub(crate) fn run_program(
        &mut self,
        program: &Runnable,
        start: Start<'_>,
        limits: &CaseLimits,
        cancel: &Cancel,
    ) -> Result<Outcome, Fault> {
        let outcome = self.run(start.call(program, limits), cancel)?;
        started(program, outcome)
    }
}

/// A program that the kernel would not start is a fault, unless the file is the submission's own.
pub(crate) fn started(program: &Runnable, outcome: Outcome) -> Result<Outcome, Fault> {
    let command = &program.language.run.command;
    let is_own = command.first().is_some_and(|path| path.starts_with('{'));
    match outcome.ending {
        Ending::ExecFailed(errno) if !is_own => {
            Err(Fault::not_executable(&program.language, command, errno))
        }
        _ => Ok(outcome),
    }
}

/// What the jury is shown of a program that failed.
pub(crate) fn stderr_message(outcome: &Outcome) -> String {
    capped_text(&outcome.stderr, STDERR_BYTES)
}

impl Trial<'_> {
    /// The program's directory for one run on `case`: the shared one where nobody can tell the difference.
    pub(crate) fn directory(&self, case: &TestCase) -> Result<Mount, Fault> {
        let writable = self.package.allow_file_writing;
        if case.files.is_empty() && !writable {
            return Ok(self.program.shared_directory());
        }
        let room_bytes = if writable {
            self.limits.output_bytes
        } else {
            0
        };
        self.program
            .own_directory(&case.files, room_bytes, writable)
    }
}

impl Pass {
    pub(crate) fn new(
        case: &TestCase,
        outcome: &Outcome,
        judged: Judged,
        reason: Option<Reason>,
    ) -> Pass {
        Pass {
            result: CaseResult {
                name: case.name.clone(),
                verdict: judged.verdict,
                reason,
                cpu: outcome.cpu,
                wall: outcome.wall,
                memory_bytes: outcome.memory_peak_bytes,
                timing: Timing::of_one_run(outcome.conditions),
                jury_message: judged.jury_message,
                team_message: judged.team_message,
                score: None,
                score_files: judged.score_files,
                ended_by_validator: false,
            },
            next_input: judged.next_input,
        }
    }
}
