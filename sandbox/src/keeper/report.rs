//! What init and the program's last steps report to the supervisor, over their line, which exec closes.
//!
//! A report is one small message, so that each arrives whole. The program itself never has the line. All times are the
//! monotonic clock's, which every process of a host shares.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use super::Usage;
use crate::channel::Channel;
use crate::wire::Answer;

const RECORD: usize = 104;
const TEXT: usize = RECORD - 8 - 8 * NUMBERS;
/// Times and counts in a report.
const NUMBERS: usize = 6;

/// A step of ours that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) what: Cow<'static, str>,
    pub(crate) errno: i32,
}

impl Fault {
    pub(crate) fn new(what: impl Into<Cow<'static, str>>, errno: i32) -> Fault {
        Fault {
            what: what.into(),
            errno,
        }
    }

    pub(crate) fn answer(self) -> Answer {
        Answer::Failed {
            what: self.what.into_owned(),
            errno: self.errno,
        }
    }
}

/// Names the step when it fails.
pub(super) trait Step<T> {
    fn step(self, what: impl Into<Cow<'static, str>>) -> Result<T, Fault>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, what: impl Into<Cow<'static, str>>) -> Result<T, Fault> {
        self.map_err(|error| {
            let errno = error.into().raw_os_error().unwrap_or(libc::EIO);
            Fault::new(what, errno)
        })
    }
}

/// One message on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The program is about to be executed; its process has used so much for our own steps.
    Began {
        at: Duration,
        cpu: Duration,
        usage: Usage,
    },
    /// It is over, with this wait status, and the whole tree has used so much.
    Ended {
        at: Duration,
        status: i32,
        usage: Usage,
    },
    /// The kernel refused the file.
    ExecFailed { errno: i32 },
    /// A step of ours failed.
    Failed(Fault),
}

impl Report {
    /// Sends it up the line.
    pub(super) fn send(&self, line: &Channel) {
        let none = || numbers(Duration::ZERO, Duration::ZERO, &Usage::default());
        let (kind, code, numbers, text) = match self {
            Report::Began { at, cpu, usage } => (0, 0, numbers(*at, *cpu, usage), ""),
            Report::Ended { at, status, usage } => {
                (1, *status, numbers(*at, Duration::ZERO, usage), "")
            }
            Report::ExecFailed { errno } => (2, *errno, none(), ""),
            Report::Failed(fault) => (3, fault.errno, none(), &*fault.what),
        };
        // Whoever sends it may have no heap.
        let mut record = [0; RECORD];
        let text = &text.as_bytes()[..text.len().min(TEXT)];
        record[..4].copy_from_slice(&i32::to_le_bytes(kind));
        record[4..8].copy_from_slice(&i32::to_le_bytes(code));
        for (number, place) in numbers.iter().zip(record[8..].chunks_exact_mut(8)) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        let length = RECORD - TEXT + text.len();
        record[RECORD - TEXT..length].copy_from_slice(text);
        // Without a supervisor there is nobody left to tell.
        let _ = line.send(&record[..length], &[]);
    }

    pub(crate) fn decode(record: &[u8]) -> io::Result<Report> {
        let parse = || {
            let (kind, rest) = record.split_first_chunk()?;
            let (code, mut text) = rest.split_first_chunk()?;
            let mut numbers = [0; NUMBERS];
            for number in &mut numbers {
                let (bytes, rest) = text.split_first_chunk()?;
                (*number, text) = (u64::from_le_bytes(*bytes), rest);
            }
            let [
                at,
                cpu,
                ready,
                voluntary_switches,
                involuntary_switches,
                written_bytes,
            ] = numbers;
            let (at, cpu) = (Duration::from_nanos(at), Duration::from_nanos(cpu));
            let usage = Usage {
                ready: Duration::from_nanos(ready),
                voluntary_switches,
                involuntary_switches,
                written_bytes,
            };
            let errno = i32::from_le_bytes(*code);
            Some(match i32::from_le_bytes(*kind) {
                0 => Report::Began { at, cpu, usage },
                1 => Report::Ended {
                    at,
                    status: errno,
                    usage,
                },
                2 => Report::ExecFailed { errno },
                _ => Report::Failed(Fault::new(
                    String::from_utf8_lossy(text).into_owned(),
                    errno,
                )),
            })
        };
        parse().ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

fn numbers(at: Duration, cpu: Duration, usage: &Usage) -> [u64; NUMBERS] {
    [
        at.as_nanos() as u64,
        cpu.as_nanos() as u64,
        usage.ready.as_nanos() as u64,
        usage.voluntary_switches,
        usage.involuntary_switches,
        usage.written_bytes,
    ]
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// The first process ended by itself, with this wait status.
    Ended { at: Duration, status: i32 },
    /// The kernel refused to execute the file.
    ExecFailed { errno: i32 },
    /// Its init was killed.
    Killed,
}

/// What is known of a run by its reports.
#[derive(Debug, Default)]
pub(crate) struct Course {
    /// When the program was executed, and the CPU time that its process had used by then.
    pub(crate) began: Option<(Duration, Duration)>,
    /// What the program's process had used by then, and what the whole tree had in the end.
    used: (Usage, Option<Usage>),
    done: Option<Result<Done, Fault>>,
}

impl Course {
    pub(crate) fn add(&mut self, report: Report) {
        match report {
            Report::Began { at, cpu, usage } => {
                self.began = Some((at, cpu));
                self.used.0 = usage;
            }
            // A failed step outweighs the end that follows from it.
            Report::Ended { at, status, usage } => {
                self.used.1 = Some(usage);
                self.done.get_or_insert(Ok(Done::Ended { at, status }));
            }
            Report::ExecFailed { errno } => self.done = Some(Ok(Done::ExecFailed { errno })),
            // The first one is the cause of the others.
            Report::Failed(_) if matches!(self.done, Some(Err(_))) => {}
            Report::Failed(fault) => self.done = Some(Err(fault)),
        }
    }

    /// What the tree has used; nothing is known of one whose init was killed with it.
    pub(crate) fn usage(&self) -> Usage {
        let (before, after) = self.used;
        after.unwrap_or_default().since(before)
    }

    /// What it amounts to when there is nothing more to come.
    pub(crate) fn conclude(&self) -> Result<Done, Fault> {
        self.done.clone().unwrap_or(Ok(Done::Killed))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
mod tests {
    use super::*;

    const BEGAN: Report = Report::Began {
        at: Duration::from_secs(7),
        cpu: Duration::from_nanos(3),
        usage: Usage {
            ready: Duration::from_nanos(4),
            voluntary_switches: 5,
            involuntary_switches: 6,
            written_bytes: 0,
        },
    };
    const ENDED: Report = Report::Ended {
        at: Duration::from_secs(9),
        status: 9,
        usage: Usage {
            ready: Duration::from_nanos(14),
            voluntary_switches: 25,
            involuntary_switches: 36,
            written_bytes: 46,
        },
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
            Report::Failed(Fault::new(long, 1)),
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
        assert_eq!(reports.conclude(), Err(fault));
    }

    #[test]
    fn our_own_steps_are_not_the_programs() {
        let usage = course(&[&BEGAN, &ENDED]).usage();
        assert_eq!(usage.ready, Duration::from_nanos(10));
        let switches = (usage.voluntary_switches, usage.involuntary_switches);
        assert_eq!(switches, (20, 30));
    }

    #[test]
    fn the_first_failed_step_is_the_one_that_is_told() {
        let cause = Fault::new("mount", 1);
        let failed = [
            Report::Failed(cause.clone()),
            Report::Failed(Fault::new("wait", 2)),
        ];
        let reports = course(&[&failed[0], &failed[1]]);
        assert_eq!(reports.conclude(), Err(cause));
    }

    #[test]
    fn an_init_that_does_not_say_how_it_ended_was_killed() {
        assert_eq!(course(&[&BEGAN]).conclude(), Ok(Done::Killed));
    }
}
