//! What init and the program's last steps report to the supervisor, over their line, which exec closes.
//!
//! A report is one small message, so that each arrives whole. The program itself never has the line. All times are the
//! monotonic clock's, which every process of a host shares.

use std::io;
use std::time::Duration;

use crate::channel::Channel;
use crate::wire::Answer;

const RECORD: usize = 64;
const TEXT: usize = RECORD - 24;

/// A step of ours that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) what: String,
    pub(crate) errno: i32,
}

impl Fault {
    pub(crate) fn new(what: &str, errno: i32) -> Fault {
        Fault {
            what: what.to_owned(),
            errno,
        }
    }

    pub(crate) fn answer(self) -> Answer {
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

/// One message on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The program is about to be executed; its process has used this much CPU time for our own steps.
    Began { at: Duration, cpu: Duration },
    /// It is over, with this wait status.
    Ended { at: Duration, status: i32 },
    /// The kernel refused the file.
    ExecFailed { errno: i32 },
    /// A step of ours failed.
    Failed(Fault),
}

impl Report {
    /// Sends it up the line.
    pub(super) fn send(&self, line: &Channel) {
        let (kind, code, times, text) = match self {
            Report::Began { at, cpu } => (0, 0, [*at, *cpu], ""),
            Report::Ended { at, status } => (1, *status, [*at, Duration::ZERO], ""),
            Report::ExecFailed { errno } => (2, *errno, [Duration::ZERO; 2], ""),
            Report::Failed(fault) => (3, fault.errno, [Duration::ZERO; 2], fault.what.as_str()),
        };
        let mut record = Vec::with_capacity(RECORD);
        record.extend(i32::to_le_bytes(kind));
        record.extend(i32::to_le_bytes(code));
        for time in times {
            record.extend(u64::to_le_bytes(time.as_nanos() as u64));
        }
        record.extend(&text.as_bytes()[..text.len().min(TEXT)]);
        // Without a supervisor there is nobody left to tell.
        let _ = line.send(&record, &[]);
    }

    pub(crate) fn decode(record: &[u8]) -> io::Result<Report> {
        let parse = || {
            let (kind, rest) = record.split_first_chunk()?;
            let (code, rest) = rest.split_first_chunk()?;
            let (first, rest) = rest.split_first_chunk()?;
            let (second, text) = rest.split_first_chunk()?;
            let nanos = |bytes| Duration::from_nanos(u64::from_le_bytes(bytes));
            let errno = i32::from_le_bytes(*code);
            Some(match i32::from_le_bytes(*kind) {
                0 => Report::Began {
                    at: nanos(*first),
                    cpu: nanos(*second),
                },
                1 => Report::Ended {
                    at: nanos(*first),
                    status: errno,
                },
                2 => Report::ExecFailed { errno },
                _ => Report::Failed(Fault::new(&String::from_utf8_lossy(text), errno)),
            })
        };
        parse().ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// The first process ended by itself, with this wait status.
    Ended { at: Duration, status: i32 },
    /// The kernel refused to execute the file.
    ExecFailed { errno: i32 },
    /// We killed it.
    Killed,
}

/// What is known of a run by its reports.
#[derive(Debug, Default)]
pub(crate) struct Course {
    /// When the program was executed, and the CPU time that its process had used by then.
    pub(crate) began: Option<(Duration, Duration)>,
    done: Option<Result<Done, Fault>>,
}

impl Course {
    pub(crate) fn add(&mut self, report: Report) {
        match report {
            Report::Began { at, cpu } => self.began = Some((at, cpu)),
            // A failed step outweighs the end that follows from it.
            Report::Ended { at, status } => {
                self.done.get_or_insert(Ok(Done::Ended { at, status }));
            }
            Report::ExecFailed { errno } => self.done = Some(Ok(Done::ExecFailed { errno })),
            Report::Failed(fault) => self.done = Some(Err(fault)),
        }
    }

    /// What it amounts to when there is nothing more to come.
    pub(crate) fn conclude(&self, killed: bool) -> Result<Done, Fault> {
        match &self.done {
            Some(done) => done.clone(),
            None if killed => Ok(Done::Killed),
            None => Err(Fault::new("keep init alive", libc::ESRCH)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
mod tests {
    use super::*;

    const BEGAN: Report = Report::Began {
        at: Duration::from_secs(7),
        cpu: Duration::from_nanos(3),
    };
    const ENDED: Report = Report::Ended {
        at: Duration::from_secs(9),
        status: 9,
    };

    fn course(reports: &[&Report]) -> Course {
        let mut course = Course::default();
        reports
            .iter()
            .for_each(|&report| course.add(report.clone()));
        course
    }

    #[test]
    fn reports_arrive_as_they_were_sent() {
        let (ours, theirs) = Channel::pair().unwrap();
        let theirs = Channel::from(theirs);
        let long = "x".repeat(TEXT);
        let sent = [
            BEGAN,
            Report::ExecFailed { errno: 2 },
            Report::Failed(Fault::new(&long, 1)),
            ENDED,
        ];
        for report in sent {
            report.send(&theirs);
            let (message, _) = ours.receive().unwrap().unwrap();
            assert_eq!(Report::decode(&message).unwrap(), report);
        }
    }

    #[test]
    fn a_failed_step_of_ours_outweighs_the_exit_that_follows_it() {
        let fault = Fault::new("mount", 1);
        let failed = Report::Failed(fault.clone());
        let reports = course(&[&BEGAN, &failed, &ENDED]);
        assert_eq!(reports.conclude(false), Err(fault));
    }

    #[test]
    fn an_init_that_vanishes_is_our_fault_unless_we_killed_it() {
        assert!(course(&[&BEGAN]).conclude(false).is_err());
        assert_eq!(course(&[&BEGAN]).conclude(true), Ok(Done::Killed));
    }
}
