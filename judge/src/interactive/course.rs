//! What has happened in an interactive run so far.

use std::time::Instant;

use sandbox::{Ending, Outcome};

use crate::Fault;
use crate::decide::CaseLimits;
use crate::validate::{ACCEPT, WRONG_ANSWER};

/// How both ended.
pub(super) struct Both {
    pub(super) program: Outcome,
    pub(super) validator: Outcome,
}

/// What has happened so far.
pub(super) struct Course {
    pub(super) began: Instant,
    pub(super) program: Option<Result<Outcome, Fault>>,
    pub(super) validator: Option<Result<Outcome, Fault>>,
    /// When the program was known to be gone.
    pub(super) program_gone: Option<Instant>,
    /// When the validator was known to have said no.
    pub(super) rejected: Option<Instant>,
    /// The limit for which we ended the program; `Cancelled` when nothing it does counts any more.
    pub(super) program_over: Option<Ending>,
    /// Why we ended the validator.
    pub(super) validator_over: Option<Over>,
    /// What the program has said to a validator that was gone.
    pub(super) said_bytes: u64,
    /// What the validator has said to a program that was gone.
    pub(super) leftover_bytes: u64,
    /// What of that had been there before the program was gone, who can have put it there itself.
    pub(super) unheard_bytes: u64,
    pub(super) cancelled: bool,
}

/// Why a validator was ended.
#[derive(Clone, Copy)]
pub(super) enum Over {
    /// The program had passed a limit, so there was nothing more to judge.
    WithProgram,
    /// It passed one itself after the program's end.
    Limit(Ending),
}

impl Course {
    pub(super) fn begin() -> Course {
        Course {
            began: Instant::now(),
            program: None,
            validator: None,
            program_gone: None,
            rejected: None,
            program_over: None,
            validator_over: None,
            said_bytes: 0,
            leftover_bytes: 0,
            unheard_bytes: 0,
            cancelled: false,
        }
    }

    /// How both ended, with the causes that we know of.
    pub(super) fn conclude(self, limits: &CaseLimits) -> Result<Both, Fault> {
        let lost =
            || Fault::io("wait for", "an interactive run")(std::io::Error::other("it is lost"));
        let mut program = self.program.ok_or_else(lost)??;
        let mut validator = self.validator.ok_or_else(lost)??;
        if let (Ending::Cancelled, Some(limit)) = (program.ending, self.program_over) {
            program.ending = limit;
        }
        if let (Ending::Cancelled, Some(Over::Limit(limit))) =
            (validator.ending, self.validator_over)
        {
            validator.ending = limit;
        }
        if self.said_bytes + program.stderr.len() as u64 > limits.output_bytes
            && matches!(program.ending, Ending::Exited(_) | Ending::Signaled(_))
        {
            program.ending = Ending::OutputLimit;
        }
        if has_failed(validator.ending) && program.written_bytes > limits.output_bytes {
            blame_the_flood(&mut program, &mut validator);
        }
        Ok(Both { program, validator })
    }
}

/// Whether a validator ended without a word of its own, and not by our doing.
fn has_failed(validator: Ending) -> bool {
    match validator {
        Ending::Exited(ACCEPT | WRONG_ANSWER) | Ending::Cancelled | Ending::ExecFailed(_) => false,
        Ending::Exited(_)
        | Ending::Signaled(_)
        | Ending::CpuLimit
        | Ending::WallLimit
        | Ending::MemoryLimit
        | Ending::OutputLimit => true,
    }
}

/// A program that wrote more than it may is not entitled to a validator that bears it: time, memory and patience of most
/// are made for programs that keep to their limits.
fn blame_the_flood(program: &mut Outcome, validator: &mut Outcome) {
    validator.ending = Ending::Cancelled;
    if matches!(
        program.ending,
        Ending::Exited(_) | Ending::Signaled(_) | Ending::Cancelled
    ) {
        program.ending = Ending::OutputLimit;
    }
}
