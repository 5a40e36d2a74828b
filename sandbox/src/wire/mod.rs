//! What a supervisor and its keeper say to each other. Both are the same binary, so there is no versioning.

mod run;

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::cgroup::Version;
use crate::codec::{Decoder, Encoder, invalid};

pub(crate) use run::{Order, Run, Task};

/// The first message: how to prepare the box. Carries the parent cgroup directories, for cleaning up.
#[derive(Debug, PartialEq)]
pub(crate) struct Setup {
    /// What those directories are.
    pub(crate) version: Version,
    pub(crate) uid: u32,
    pub(crate) toolchain: Vec<PathBuf>,
    /// Lay an overlay over the toolchain, so that file locks stay in the box.
    pub(crate) private_locks: bool,
    /// Directory of the box's groups below the parents.
    pub(crate) group: String,
}

/// What a place is prepared with, before anybody knows the run it will be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) memory_bytes: u64,
    pub(crate) processes: u32,
    /// Its processes share no memory with the keeper, see [`Expected::new`].
    pub(crate) alone: bool,
}

impl Expected {
    /// Below such a limit the kernel might kill our own process for it, before the program is executed, and with that
    /// everybody who shares its memory.
    const MEMORY_TO_SHARE: u64 = 4 << 20;

    /// For a run with these limits. A probe executes nothing, so it needs memory of its own from the start.
    pub(crate) fn new(memory_bytes: u64, processes: u32, is_probe: bool) -> Expected {
        Expected {
            memory_bytes,
            processes,
            alone: is_probe || memory_bytes < Expected::MEMORY_TO_SHARE,
        }
    }
}

/// What the supervisor asks of the keeper.
#[derive(Debug, PartialEq)]
pub(crate) enum Request {
    Setup(Setup),
    /// Prepare the place of the next run.
    Prepare(Expected),
    /// The oldest place is over, or will not be used, and its accounts were read. There is no answer.
    Clear,
}

/// What the keeper answers.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// The box is set up.
    Ready,
    /// A place is prepared. Carries the line to its init, a pidfd of init, then the directories of its control groups.
    Prepared {
        work: Work,
        /// What the CPU account of its groups stood at.
        cpu_before: Duration,
    },
    /// A step of ours failed.
    Failed { what: String, errno: i32 },
}

/// Time that the keeper spent between two runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Clearing the last place away.
    pub(crate) clearing: Duration,
    /// Preparing the next.
    pub(crate) preparing: Duration,
}

impl Request {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        match self {
            Request::Setup(setup) => {
                out.number(0);
                encode_version(setup.version, &mut out);
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
            Request::Prepare(expected) => {
                out.number(1);
                out.number(expected.memory_bytes);
                out.number(expected.processes.into());
                out.number(expected.alone.into());
            }
            Request::Clear => out.number(2),
        }
        out.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> io::Result<Request> {
        let mut from = Decoder(bytes);
        Ok(match from.number()? {
            0 => Request::Setup(Setup {
                version: decode_version(&mut from)?,
                uid: from.number()? as u32,
                toolchain: from.list()?.into_iter().map(PathBuf::from).collect(),
                private_locks: from.number()? != 0,
                group: from.text()?,
            }),
            1 => Request::Prepare(Expected {
                memory_bytes: from.number()?,
                processes: from.number()? as u32,
                alone: from.number()? != 0,
            }),
            2 => Request::Clear,
            _ => return Err(invalid()),
        })
    }
}

fn encode_version(version: Version, out: &mut Encoder) {
    let dirs = match version {
        Version::V1 {
            memory,
            pids,
            cpuacct,
        } => vec![memory, pids, cpuacct],
        Version::V2 => Vec::new(),
    };
    out.number(dirs.len() as u64);
    dirs.into_iter().for_each(|dir| out.number(dir as u64));
}

fn decode_version(from: &mut Decoder<'_>) -> io::Result<Version> {
    Ok(match from.number()? {
        0 => Version::V2,
        _ => Version::V1 {
            memory: from.number()? as usize,
            pids: from.number()? as usize,
            cpuacct: from.number()? as usize,
        },
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
            Answer::Prepared { work, cpu_before } => {
                out.number(2);
                out.number(cpu_before.as_nanos() as u64);
                out.number(work.clearing.as_nanos() as u64);
                out.number(work.preparing.as_nanos() as u64);
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
            2 => Answer::Prepared {
                cpu_before: Duration::from_nanos(from.number()?),
                work: Work {
                    clearing: Duration::from_nanos(from.number()?),
                    preparing: Duration::from_nanos(from.number()?),
                },
            },
            _ => return Err(invalid()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_survives_the_way() {
        let setup = |version| {
            Request::Setup(Setup {
                version,
                uid: 7,
                toolchain: vec!["/usr".into()],
                private_locks: true,
                group: "g".to_owned(),
            })
        };
        let v1 = Version::V1 {
            memory: 0,
            pids: 2,
            cpuacct: 1,
        };
        let prepare = Request::Prepare(Expected {
            memory_bytes: 1 << 40,
            processes: 3,
            alone: true,
        });
        for request in [setup(v1), setup(Version::V2), prepare, Request::Clear] {
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
