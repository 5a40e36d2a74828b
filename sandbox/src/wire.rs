//! What a supervisor and its keeper say to each other. Both are the same binary, so there is no versioning.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The first message: how to prepare the box. Carries the parent cgroup directories, for cleaning up.
#[derive(Debug, PartialEq)]
pub(crate) struct Setup {
    pub(crate) uid: u32,
    pub(crate) toolchain: Vec<PathBuf>,
    /// Lay an overlay over the toolchain, so that file locks stay in the box.
    pub(crate) private_locks: bool,
    /// Directory of the box's groups below the parents.
    pub(crate) group: String,
}

/// One run. Carries the descriptors stdin, stdout, stderr, those of the cgroup, then one for each mount.
#[derive(Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) task: Task,
    pub(crate) cwd: PathBuf,
    pub(crate) targets: Vec<PathBuf>,
    pub(crate) attach: Attach,
    pub(crate) memory_bytes: u64,
    pub(crate) file_size_bytes: u64,
    pub(crate) open_files: u64,
}

/// What the confined process does in the end.
#[derive(Debug, PartialEq)]
pub(crate) enum Task {
    Exec {
        argv: Vec<OsString>,
        /// `NAME=value`.
        env: Vec<OsString>,
    },
    /// Try what should be forbidden, see [`crate::probe`].
    Probe(u8),
}

/// How the program gets into its cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attach {
    /// v1: it writes itself into this many `cgroup.procs`.
    Write(u8),
    /// v2: it is forked into the directory.
    Fork,
}

/// What the supervisor asks.
#[derive(Debug, PartialEq)]
pub(crate) enum Request {
    Setup(Setup),
    Run(Run),
    /// End the present run.
    Kill,
}

/// What the keeper answers.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// The box is prepared.
    Ready,
    /// A run is over and nothing of it is left.
    Done(Done),
    /// A step of ours failed before the program began.
    Failed { what: String, errno: i32 },
}

/// How a run that began came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// The first process ended by itself, with this wait status, after so many nanoseconds.
    Ended { status: i32, wall_ns: u64 },
    /// The kernel refused to execute the file.
    ExecFailed { errno: i32 },
    /// We killed it; `began` tells whether it had been forked.
    Killed { began: bool },
}

impl Request {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        match self {
            Request::Setup(setup) => {
                out.number(0);
                out.number(setup.uid.into());
                out.list(
                    setup
                        .toolchain
                        .iter()
                        .map(|path| path.as_os_str().as_bytes()),
                );
                out.number(setup.private_locks.into());
                out.bytes(setup.group.as_bytes());
            }
            Request::Run(run) => {
                out.number(1);
                encode_run(run, &mut out);
            }
            Request::Kill => out.number(2),
        }
        out.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> io::Result<Request> {
        let mut from = Decoder(bytes);
        Ok(match from.number()? {
            0 => Request::Setup(Setup {
                uid: from.number()? as u32,
                toolchain: from.list()?.into_iter().map(PathBuf::from).collect(),
                private_locks: from.number()? != 0,
                group: from.text()?,
            }),
            1 => Request::Run(decode_run(&mut from)?),
            2 => Request::Kill,
            _ => return Err(invalid()),
        })
    }
}

fn encode_run(run: &Run, out: &mut Encoder) {
    match &run.task {
        Task::Exec { argv, env } => {
            out.number(0);
            out.list(argv.iter().map(|one| one.as_bytes()));
            out.list(env.iter().map(|one| one.as_bytes()));
        }
        Task::Probe(number) => {
            out.number(1);
            out.number((*number).into());
        }
    }
    out.bytes(run.cwd.as_os_str().as_bytes());
    out.list(run.targets.iter().map(|path| path.as_os_str().as_bytes()));
    out.number(match run.attach {
        Attach::Fork => 0,
        Attach::Write(groups) => groups.into(),
    });
    out.number(run.memory_bytes);
    out.number(run.file_size_bytes);
    out.number(run.open_files);
}

fn decode_run(from: &mut Decoder<'_>) -> io::Result<Run> {
    Ok(Run {
        task: match from.number()? {
            0 => Task::Exec {
                argv: from.list()?,
                env: from.list()?,
            },
            _ => Task::Probe(from.number()? as u8),
        },
        cwd: PathBuf::from(OsString::from_vec(from.bytes()?)),
        targets: from.list()?.into_iter().map(PathBuf::from).collect(),
        attach: match from.number()? {
            0 => Attach::Fork,
            groups => Attach::Write(groups as u8),
        },
        memory_bytes: from.number()?,
        file_size_bytes: from.number()?,
        open_files: from.number()?,
    })
}

impl Answer {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        match self {
            Answer::Ready => out.number(0),
            Answer::Failed { what, errno } => {
                out.number(1);
                out.bytes(what.as_bytes());
                out.number(*errno as u64);
            }
            Answer::Done(Done::Ended { status, wall_ns }) => {
                out.number(2);
                out.number(*status as u64);
                out.number(*wall_ns);
            }
            Answer::Done(Done::ExecFailed { errno }) => {
                out.number(3);
                out.number(*errno as u64);
            }
            Answer::Done(Done::Killed { began }) => {
                out.number(4);
                out.number((*began).into());
            }
        }
        out.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> io::Result<Answer> {
        let mut from = Decoder(bytes);
        Ok(match from.number()? {
            0 => Answer::Ready,
            1 => Answer::Failed {
                what: from.text()?,
                errno: from.number()? as i32,
            },
            2 => Answer::Done(Done::Ended {
                status: from.number()? as i32,
                wall_ns: from.number()?,
            }),
            3 => Answer::Done(Done::ExecFailed {
                errno: from.number()? as i32,
            }),
            4 => Answer::Done(Done::Killed {
                began: from.number()? != 0,
            }),
            _ => return Err(invalid()),
        })
    }
}

#[derive(Default)]
struct Encoder(Vec<u8>);

impl Encoder {
    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn list<'a>(&mut self, list: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.number(list.len() as u64);
        list.for_each(|one| self.bytes(one));
    }
}

struct Decoder<'a>(&'a [u8]);

impl Decoder<'_> {
    fn number(&mut self) -> io::Result<u64> {
        let (number, rest) = self.0.split_first_chunk().ok_or_else(invalid)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*number))
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(invalid)?;
        self.0 = rest;
        Ok(bytes.to_vec())
    }

    fn list(&mut self) -> io::Result<Vec<OsString>> {
        let length = self.number()?;
        (0..length)
            .map(|_| Ok(OsString::from_vec(self.bytes()?)))
            .collect()
    }

    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| invalid())
    }
}

fn invalid() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_survives_the_way() {
        let run = |task, attach| {
            Request::Run(Run {
                task,
                cwd: "/w".into(),
                targets: vec!["/w".into(), "/in".into()],
                attach,
                memory_bytes: 1,
                file_size_bytes: 2,
                open_files: 3,
            })
        };
        let odd_name = OsString::from_vec(vec![b'/', 0xff]);
        let requests = [
            Request::Setup(Setup {
                uid: 7,
                toolchain: vec!["/usr".into()],
                private_locks: true,
                group: "g".to_owned(),
            }),
            run(Task::Probe(2), Attach::Fork),
            run(
                Task::Exec {
                    argv: vec![odd_name, "a b".into()],
                    env: vec!["A=1".into()],
                },
                Attach::Write(3),
            ),
            Request::Kill,
        ];
        for request in requests {
            assert_eq!(Request::decode(&request.encode()).ok(), Some(request));
        }
    }

    #[test]
    fn a_cut_message_is_an_error() {
        let whole = Answer::Failed {
            what: "mount".to_owned(),
            errno: 1,
        }
        .encode();
        assert!(Answer::decode(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(Answer::decode(&whole[..length]).is_err());
        }
    }
}
