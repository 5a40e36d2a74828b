//! One case: the program in its box with the case's input, then the decision on what came out.

use std::fs::File;
use std::path::PathBuf;

use sandbox::{Cancel, Capture, Ending, Limits, Mount, Outcome, Program, Stdin};

use crate::decide::{CaseLimits, failure};
use crate::package::TestCase;
use crate::program::{DIRECTORY, Runnable};
use crate::text::capped_text;
use crate::validate::Judged;
use crate::worker::{Trial, Worker};
use crate::{CaseResult, Fault, Reason, Timing, Verdict};

/// How much of a message about one case is kept.
pub(crate) const MESSAGE_BYTES: usize = 128 << 10;
/// How much of a failed program's standard error the jury is shown.
const STDERR_BYTES: usize = 4 << 10;

/// What differs between two runs of one program.
pub(crate) struct Start<'a> {
    pub(crate) args: &'a [String],
    pub(crate) input: File,
    /// Shown as the program's directory.
    pub(crate) directory: Mount,
}

impl Worker {
    /// Runs the program on one case and decides it.
    pub(crate) fn judge_case(
        &mut self,
        trial: &Trial<'_>,
        case: &TestCase,
    ) -> Result<CaseResult, Fault> {
        let Trial {
            package,
            program,
            limits,
            cancel,
            ..
        } = trial;
        let writable = package.allow_file_writing;
        let directory = if case.files.is_empty() && !writable {
            program.shared_directory()
        } else {
            let room_bytes = if writable { limits.output_bytes } else { 0 };
            program.own_directory(&case.files, room_bytes, writable)?
        };
        let start = Start {
            args: &case.args,
            input: File::open(&case.input).map_err(Fault::io("open", &case.input))?,
            directory,
        };
        let outcome = self.run_program(program, start, limits, cancel)?;
        let (judged, reason) = match failure(&outcome, limits) {
            Some((verdict, reason)) => {
                let message = capped_text(&outcome.stderr, STDERR_BYTES);
                (Judged::without_validator(verdict, message), Some(reason))
            }
            None => {
                let judged = self.validate(trial, case, &outcome.stdout)?;
                let silent = judged.verdict == Verdict::WrongAnswer && outcome.stdout.is_empty();
                (judged, silent.then(|| Reason::plain("no-output")))
            }
        };
        Ok(CaseResult {
            name: case.name.clone(),
            verdict: judged.verdict,
            reason,
            score: None,
            score_files: judged.score_files,
            cpu: outcome.cpu,
            wall: outcome.wall,
            memory_bytes: outcome.memory_peak_bytes,
            timing: Timing::of_one_run(outcome.conditions),
            jury_message: judged.jury_message,
            team_message: judged.team_message,
            ended_by_validator: false,
        })
    }

    /// Runs a compiled program under a case's limits. A missing interpreter is a fault; everything else is an outcome.
    pub(crate) fn run_program(
        &mut self,
        program: &Runnable,
        start: Start<'_>,
        limits: &CaseLimits,
        cancel: &Cancel,
    ) -> Result<Outcome, Fault> {
        let mut argv = program.argv(limits.memory_bytes);
        argv.extend_from_slice(start.args);
        let capture = || Capture::Memory {
            cap_bytes: limits.output_bytes,
            fatal: true,
        };
        let is_own = argv.first().is_some_and(|path| path.starts_with(DIRECTORY));
        let outcome = self.run(
            Program {
                argv: argv.into_iter().map(Into::into).collect(),
                env: program.language.env(),
                cwd: PathBuf::from(DIRECTORY),
                mounts: vec![start.directory],
                stdin: Stdin::File(start.input),
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
            },
            cancel,
        )?;
        match outcome.ending {
            Ending::ExecFailed(errno) if !is_own => {
                let command = &program.language.run.command;
                Err(Fault::not_executable(&program.language, command, errno))
            }
            _ => Ok(outcome),
        }
    }
}
