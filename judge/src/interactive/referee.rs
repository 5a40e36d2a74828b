//! Watches a program and a validator that talk to each other, and lets each learn of the other's end in the one order that decides fairly.
//!
//! ```text
//!             ┌─────────────────── answers ◄──────────┐
//!             ▼                                       │
//!   program (its box, its thread)      validator (its box, its thread)
//!             │                                       ▲
//!             └────────────────► words ───────────────┘
//! ```
//!
//! Each box has a thread that waits for its run; this thread has a copy of each pipe's ends, watches the clock, and hears of both ends.
//!
//! - The validator reads the end of the words only after the program's end is known here, and the program the end of the answers only after
//!   the validator's: we hold the writing ends until then. So an end that follows from the other's end is never taken for the first.
//! - After a no, the program's next word breaks its pipe. After a yes its words are taken away here until it ends, so that no last word fails
//!   by a race.
//! - The validator's answers never break a pipe: once the program is gone they are taken away here.
//! - After a no the program may still end by itself for a moment, and is then ended: nothing it does can count any more.
//! - A program that passes a limit ends the run: the validator is ended with it, before it can stumble over what is missing.

use std::os::fd::OwnedFd;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use sandbox::{Cancel, CpuMeter, Ending, Outcome};

use super::course::{Both, Course, Over};
use super::pipes::{self, Ends};
use super::switches::Switches;
use crate::Fault;
use crate::decide::CaseLimits;
use crate::validate::{ACCEPT, WRONG_ANSWER};

/// How long a program may go on after the validator's no: longer than news of its own end takes on a busy host.
const LINGER: Duration = Duration::from_secs(1);

/// One of the two runs is over.
pub(super) enum Ended {
    Program(Result<Outcome, Fault>),
    Validator(Result<Outcome, Fault>),
}

/// The ends and switches that the referee holds.
pub(super) struct Referee<'a> {
    pub(super) limits: &'a CaseLimits,
    /// How long a validator may go on by the clock after the program's end.
    pub(super) patience: Duration,
    /// How much it may say then, to nobody.
    pub(super) leftover_bytes: u64,
    /// Copies of the ends of what the program says: read after a yes, written by nobody.
    pub(super) words: Ends,
    /// Copies of the ends of what the validator says: read after the program's end, written by nobody.
    pub(super) answers: Ends,
    pub(super) caller: &'a Cancel,
    pub(super) switches: &'a Switches,
    /// What the validator has computed so far; the program does not pay for it by the clock.
    pub(super) meter: CpuMeter,
    /// The bell is rung after each message.
    pub(super) ended: Receiver<Ended>,
}

/// What `poll` found.
struct Ready {
    ended: bool,
    leftovers: bool,
}

impl Referee<'_> {
    /// Waits for both ends.
    pub(super) fn watch(mut self) -> Result<Both, Fault> {
        let mut course = Course::begin();
        let watched = self.until_both_ended(&mut course);
        if watched.is_err() {
            // Their threads wait for both runs, whatever happened here.
            self.switches.program.cancel();
            self.switches.validator.cancel();
        }
        watched?;
        if course.cancelled {
            return Err(Fault::Cancelled);
        }
        course.conclude(self.limits)
    }

    fn until_both_ended(&mut self, course: &mut Course) -> Result<(), Fault> {
        while course.program.is_none() || course.validator.is_none() {
            let ready = self.wait(course)?;
            if ready.leftovers {
                self.take_leftovers(course)?;
            }
            if ready.ended {
                self.switches.silence();
                while let Ok(ended) = self.ended.try_recv() {
                    match ended {
                        Ended::Program(result) => self.program_ended(course, result),
                        Ended::Validator(result) => self.validator_ended(course, result),
                    }
                }
            }
            self.look_at_limits(course);
        }
        Ok(())
    }

    /// Sleeps until there is something to carry, somebody ended, or a clock ran out.
    fn wait(&self, course: &mut Course) -> Result<Ready, Fault> {
        let mut fds = vec![PollFd::new(self.switches, PollFlags::IN)];
        // Once thrown, the switch would wake us for nothing.
        let caller = (!course.cancelled).then(|| PollFd::new(self.caller, PollFlags::IN));
        let caller = add(&mut fds, caller);
        let leftovers = self.leftovers(course);
        let leftovers = add(&mut fds, leftovers.map(|fd| PollFd::new(fd, PollFlags::IN)));
        let left = self
            .deadline(course)
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, timeout.as_ref()))
            .map_err(pipes::failed("wait for"))?;
        let is_ready =
            |at: Option<usize>| at.is_some_and(|at: usize| !fds[at].revents().is_empty());
        course.cancelled |= is_ready(caller);
        Ok(Ready {
            ended: is_ready(Some(0)),
            leftovers: is_ready(leftovers),
        })
    }

    /// The pipe that nobody reads any more. While somebody does, what is in it is not ours.
    fn leftovers(&self, course: &Course) -> Option<&OwnedFd> {
        match (&course.program, &course.validator) {
            (None, Some(_)) => self.words.read.as_ref(),
            (Some(_), None) => self.answers.read.as_ref(),
            _ => None,
        }
    }

    fn take_leftovers(&self, course: &mut Course) -> Result<(), Fault> {
        if let Some(pipe) = self.leftovers(course) {
            let taken = pipes::take_away(pipe)?;
            match course.program {
                None => course.said_bytes += taken,
                Some(_) => course.leftover_bytes += taken,
            }
        }
        Ok(())
    }

    /// When somebody will have taken too long; `None` when whoever did is being ended already.
    fn deadline(&self, course: &Course) -> Option<Instant> {
        match course.program_gone {
            _ if course.program_over.is_some() || course.validator_over.is_some() => None,
            None => {
                let wall = course.began + self.limits.wall() + self.given_back();
                Some(course.rejected.map_or(wall, |when| wall.min(when + LINGER)))
            }
            Some(gone) => Some(gone + self.patience),
        }
    }

    /// What the validator computes is given back to the program that waits for it, as generously as the program's own time is; but not to one
    /// that talks faster than anybody listens.
    fn given_back(&self) -> Duration {
        let words = self.words.read.as_ref();
        if words.is_some_and(pipes::is_half_full) {
            return Duration::ZERO;
        }
        self.meter.used() * 2
    }

    fn look_at_limits(&self, course: &mut Course) {
        if course.cancelled {
            self.switches.program.cancel();
            self.switches.validator.cancel();
        }
        let is_late = self
            .deadline(course)
            .is_some_and(|deadline| Instant::now() >= deadline);
        if course.program_gone.is_none() && course.program_over.is_none() {
            let said_too_much = course.said_bytes > self.limits.output_bytes;
            let limit = match (said_too_much, is_late) {
                (true, _) => Ending::OutputLimit,
                (false, true) if course.rejected.is_some() => Ending::Cancelled,
                (false, true) => Ending::WallLimit,
                (false, false) => return,
            };
            course.program_over = Some(limit);
            self.switches.program.cancel();
        } else if course.program_gone.is_some() && course.validator_over.is_none() {
            self.look_at_validator(course, is_late);
        }
    }

    /// The program is gone, and the validator may go on for a bounded time.
    fn look_at_validator(&self, course: &mut Course, is_late: bool) {
        let said_bytes = course.leftover_bytes.saturating_sub(course.unheard_bytes);
        let limit = match (said_bytes > self.leftover_bytes, is_late) {
            (true, _) => Ending::OutputLimit,
            (false, true) => Ending::WallLimit,
            (false, false) => return,
        };
        course.validator_over = Some(Over::Limit(limit));
        self.switches.validator.cancel();
    }

    fn program_ended(&mut self, course: &mut Course, result: Result<Outcome, Fault>) {
        let by_itself =
            |outcome: &Outcome| matches!(outcome.ending, Ending::Exited(_) | Ending::Signaled(_));
        if result.as_ref().is_ok_and(by_itself) {
            // Now the validator may learn that there is nothing more to come.
            self.words.write = None;
        } else {
            course.validator_over = Some(Over::WithProgram);
            self.switches.validator.cancel();
        }
        course.unheard_bytes = self.answers.read.as_ref().map_or(0, pipes::unread);
        course.program_gone = Some(Instant::now());
        course.program = Some(result);
    }

    fn validator_ended(&mut self, course: &mut Course, result: Result<Outcome, Fault>) {
        match result.as_ref().map(|outcome| outcome.ending) {
            Ok(Ending::Exited(ACCEPT)) => {}
            Ok(Ending::Exited(WRONG_ANSWER)) => {
                self.words.read = None;
                course.rejected = Some(Instant::now());
            }
            _ => {
                self.words.read = None;
                // Nothing can come of the run any more.
                self.switches.program.cancel();
            }
        }
        // Now the program may learn that there is nothing more to come.
        self.answers.write = None;
        course.validator = Some(result);
    }
}

/// Waits for `fd` as well, if there is one; tells its place.
fn add<'a>(fds: &mut Vec<PollFd<'a>>, fd: Option<PollFd<'a>>) -> Option<usize> {
    let place = fd.is_some().then_some(fds.len());
    fds.extend(fd);
    place
}
