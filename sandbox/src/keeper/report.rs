//! What init and the program's last steps report to the keeper, over a pipe that is closed by exec.
//!
//! A report is one fixed record, so that each is written and read whole. The program itself never has the pipe.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use crate::wire::{Answer, Done};

const RECORD: usize = 64;
const TEXT: usize = RECORD - 20;

/// A step of ours that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) errno: i32,
}

impl Fault {
    pub(super) fn new(what: &str, errno: i32) -> Fault {
        Fault {
            what: what.to_owned(),
            errno,
        }
    }

    pub(super) fn answer(self) -> Answer {
        Answer::Failed {
            what: self.what,
            errno: self.errno,
        }
    }
}

/// Names the step when it fails.
pub(super) trait Step<T> {
    fn step(self, what: &str) -> Result<T, Fault>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, what: &str) -> Result<T, Fault> {
        self.map_err(|error| {
            let errno = error.into().raw_os_error().unwrap_or(libc::EIO);
            Fault::new(what, errno)
        })
    }
}

/// One message on the pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// The program's process exists.
    Began,
    /// It is over, with this wait status.
    Ended { status: i32, wall_ns: u64 },
    /// The kernel refused the file.
    ExecFailed { errno: i32 },
    /// A step of ours failed.
    Failed(Fault),
}

impl Report {
    /// Writes it to the pipe.
    pub(super) fn send(&self, pipe: impl AsFd) {
        let (kind, code, nanos, text) = match self {
            Report::Began => (0, 0, 0, ""),
            Report::Ended { status, wall_ns } => (1, *status, *wall_ns, ""),
            Report::ExecFailed { errno } => (2, *errno, 0, ""),
            Report::Failed(fault) => (3, fault.errno, 0, fault.what.as_str()),
        };
        let mut record = Vec::with_capacity(RECORD);
        record.extend(u64::to_le_bytes(kind));
        record.extend(u64::to_le_bytes(nanos));
        record.extend(i32::to_le_bytes(code));
        record.extend(&text.as_bytes()[..text.len().min(TEXT)]);
        record.resize(RECORD, 0);
        // Without a keeper there is nobody left to tell.
        let _ = rustix::io::write(pipe, &record);
    }

    fn decode(record: &[u8]) -> Option<Report> {
        let (kind, rest) = record.split_first_chunk()?;
        let (nanos, rest) = rest.split_first_chunk()?;
        let (code, text) = rest.split_first_chunk()?;
        let errno = i32::from_le_bytes(*code);
        Some(match u64::from_le_bytes(*kind) {
            0 => Report::Began,
            1 => Report::Ended {
                status: errno,
                wall_ns: u64::from_le_bytes(*nanos),
            },
            2 => Report::ExecFailed { errno },
            _ => Report::Failed(Fault::new(
                String::from_utf8_lossy(text).trim_end_matches('\0'),
                errno,
            )),
        })
    }
}

/// Reads what all dead writers have left.
pub(super) fn read_all(pipe: OwnedFd) -> io::Result<Vec<Report>> {
    let mut bytes = Vec::new();
    File::from(pipe).read_to_end(&mut bytes)?;
    Ok(bytes.chunks(RECORD).filter_map(Report::decode).collect())
}

/// What the reports of a run that is over amount to.
pub(super) fn conclude(reports: &[Report], killed: bool) -> Result<Done, Fault> {
    let mut began = false;
    let mut ended = None;
    for report in reports {
        match report {
            Report::Began => began = true,
            Report::Failed(fault) => return Err(fault.clone()),
            Report::ExecFailed { errno } => return Ok(Done::ExecFailed { errno: *errno }),
            &Report::Ended { status, wall_ns } => ended = Some(Done::Ended { status, wall_ns }),
        }
    }
    match ended {
        Some(done) => Ok(done),
        None if killed => Ok(Done::Killed { began }),
        None => Err(Fault::new("keep init alive", libc::ESRCH)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
mod tests {
    use super::*;

    const ENDED: Report = Report::Ended {
        status: 9,
        wall_ns: 5,
    };

    #[test]
    fn reports_arrive_as_they_were_sent() {
        let (read, write) = rustix::pipe::pipe().unwrap();
        let long = "x".repeat(TEXT);
        let sent = [
            Report::Began,
            Report::ExecFailed { errno: 2 },
            Report::Failed(Fault::new(&long, 1)),
            ENDED,
        ];
        sent.iter().for_each(|report| report.send(&write));
        drop(write);
        assert_eq!(read_all(read).unwrap(), sent);
    }

    #[test]
    fn a_failed_step_of_ours_outweighs_the_exit_that_follows_it() {
        let fault = Fault::new("mount", 1);
        let reports = [Report::Began, Report::Failed(fault.clone()), ENDED];
        assert_eq!(conclude(&reports, false), Err(fault));
    }

    #[test]
    fn an_init_that_vanishes_is_our_fault_unless_we_killed_it() {
        assert!(conclude(&[Report::Began], false).is_err());
        let killed = Done::Killed { began: true };
        assert_eq!(conclude(&[Report::Began], true), Ok(killed));
    }
}
