//! What the program says, carried to the validator and counted on the way.
//!
//! The other direction needs nobody in between: the validator's end of it is what bounds it. The program's words count towards its output
//! limit, and no pipe counts.

use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::pipes;
use crate::Fault;

/// How much is carried at one time.
const CHUNK_BYTES: usize = 64 << 10;

/// The way from the program's standard output to the validator's standard input.
pub(super) struct Relay {
    /// `None` once the program has closed it, or nobody listens to it any more.
    from_program: Option<OwnedFd>,
    /// `None` once the validator has closed it, or has heard everything.
    to_validator: Option<OwnedFd>,
    buffer: Vec<u8>,
    /// What of the buffer has been passed on.
    passed: usize,
    carried_bytes: u64,
}

impl Relay {
    pub(super) fn new(from_program: OwnedFd, to_validator: OwnedFd) -> Result<Relay, Fault> {
        Ok(Relay {
            from_program: Some(pipes::without_waiting(from_program)?),
            to_validator: Some(pipes::without_waiting(to_validator)?),
            buffer: Vec::with_capacity(CHUNK_BYTES),
            passed: 0,
            carried_bytes: 0,
        })
    }

    /// What the program has said, whoever heard it.
    pub(super) fn carried_bytes(&self) -> u64 {
        self.carried_bytes
    }

    /// The end that has to be waited for, if any.
    pub(super) fn waits_for(&self) -> Option<PollFd<'_>> {
        match (&self.to_validator, &self.from_program) {
            (Some(to), _) if self.has_more() => Some(PollFd::new(to, PollFlags::OUT)),
            (_, Some(from)) => Some(PollFd::new(from, PollFlags::IN)),
            (_, None) => None,
        }
    }

    /// Carries what there is, as far as the validator takes it.
    pub(super) fn carry(&mut self) -> Result<(), Fault> {
        if self.has_more() {
            return self.pass_on();
        }
        self.listen()?;
        self.pass_on()
    }

    /// Whether the program has closed its end and the validator has all that it said.
    pub(super) fn is_done(&self) -> bool {
        self.from_program.is_none() && !self.has_more()
    }

    /// Whatever the program still says is taken and counted, so that a last word after a right answer breaks no pipe.
    pub(super) fn only_listen(&mut self) {
        self.to_validator = None;
    }

    /// The next word of the program breaks its pipe.
    pub(super) fn close(&mut self) {
        self.to_validator = None;
        self.from_program = None;
    }

    fn has_more(&self) -> bool {
        self.passed < self.buffer.len()
    }

    fn listen(&mut self) -> Result<(), Fault> {
        let Some(from) = &self.from_program else {
            return Ok(());
        };
        self.passed = 0;
        self.buffer.resize(CHUNK_BYTES, 0);
        let read = rustix::io::read(from, &mut self.buffer);
        self.buffer.truncate(*read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => self.from_program = None,
            Ok(length) => self.carried_bytes += length as u64,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(errno) => return Err(pipes::failed("read")(errno)),
        }
        Ok(())
    }

    fn pass_on(&mut self) -> Result<(), Fault> {
        while self.has_more() {
            let Some(to) = &self.to_validator else {
                self.passed = self.buffer.len();
                break;
            };
            match rustix::io::write(to, &self.buffer[self.passed..]) {
                Ok(length) => self.passed += length,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                // It reads no more. Whether it is also gone, and with which status, its supervisor will tell.
                Err(Errno::PIPE) => self.to_validator = None,
                Err(errno) => return Err(pipes::failed("write")(errno)),
            }
        }
        Ok(())
    }
}

/// Takes what lies in a pipe that nobody reads any more, and counts it; the caller knows that something does.
pub(super) fn take_away(pipe: BorrowedFd<'_>) -> Result<u64, Fault> {
    let mut buffer = [0; CHUNK_BYTES];
    match rustix::io::read(pipe, &mut buffer) {
        Ok(length) => Ok(length as u64),
        Err(Errno::INTR) => Ok(0),
        Err(errno) => Err(pipes::failed("read")(errno)),
    }
}
