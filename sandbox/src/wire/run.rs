//! What a place is told to run.

use std::ffi::{CStr, CString};
use std::io;

use crate::codec::{CStrings, Decoder, Encoder};

/// One run, sent to the place that was prepared for it. Carries the descriptors stdin, stdout, stderr, then one for
/// each mount. Whoever receives it has no heap, so for it all texts lie in the message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run<Text = CString, List = Vec<CString>> {
    pub(crate) task: Task<List>,
    pub(crate) cwd: Text,
    pub(crate) targets: List,
    pub(crate) memory_bytes: u64,
    pub(crate) file_size_bytes: u64,
    pub(crate) open_files: u64,
    /// Whether somebody wants to know how much the tree writes.
    pub(crate) counts_writes: bool,
}

/// A run as it lies in the message.
pub(crate) type Order<'a> = Run<&'a CStr, CStrings<'a>>;

/// What the confined process does in the end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Task<List = Vec<CString>> {
    Exec {
        argv: List,
        /// `NAME=value`.
        env: List,
    },
    /// Try what should be forbidden, see [`crate::probe`].
    Probe(u8),
}

impl Run {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        match &self.task {
            Task::Exec { argv, env } => {
                out.number(0);
                out.c_strings(argv);
                out.c_strings(env);
            }
            Task::Probe(number) => {
                out.number(1);
                out.number((*number).into());
            }
        }
        out.c_string(&self.cwd);
        out.c_strings(&self.targets);
        out.number(self.memory_bytes);
        out.number(self.file_size_bytes);
        out.number(self.open_files);
        out.number(self.counts_writes.into());
        out.0
    }
}

impl<'a> Order<'a> {
    pub(crate) fn decode(message: &'a [u8]) -> io::Result<Self> {
        let mut from = Decoder(message);
        Ok(Run {
            task: match from.number()? {
                0 => Task::Exec {
                    argv: from.c_strings()?,
                    env: from.c_strings()?,
                },
                _ => Task::Probe(from.number()? as u8),
            },
            cwd: from.c_string()?,
            targets: from.c_strings()?,
            memory_bytes: from.number()?,
            file_size_bytes: from.number()?,
            open_files: from.number()?,
            counts_writes: from.number()? != 0,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing test may say so with a panic")]
mod tests {
    use super::*;

    fn run(task: Task) -> Run {
        Run {
            task,
            cwd: c"/w".into(),
            targets: vec![c"/w".into(), c"/in".into()],
            memory_bytes: 1,
            file_size_bytes: 2,
            open_files: 3,
            counts_writes: true,
        }
    }

    fn owned(list: CStrings<'_>) -> Vec<CString> {
        list.map(CStr::to_owned).collect()
    }

    #[test]
    fn every_run_survives_the_way() {
        let exec = Task::Exec {
            argv: vec![c"/\xff".into(), c"".into(), c"a b".into()],
            env: Vec::new(),
        };
        for task in [exec, Task::Probe(2)] {
            let sent = run(task);
            let message = sent.encode();
            let came = Run::decode(&message).unwrap();
            let task = match came.task {
                Task::Exec { argv, env } => Task::Exec {
                    argv: owned(argv),
                    env: owned(env),
                },
                Task::Probe(number) => Task::Probe(number),
            };
            assert_eq!(
                (task, came.cwd, owned(came.targets)),
                (sent.task, &*sent.cwd, sent.targets)
            );
            let numbers = [came.memory_bytes, came.file_size_bytes, came.open_files];
            assert_eq!(numbers, [1, 2, 3]);
            assert!(came.counts_writes);
        }
    }

    #[test]
    fn a_cut_run_is_an_error() {
        let whole = run(Task::Probe(2)).encode();
        assert!((0..whole.len()).all(|length| Run::decode(&whole[..length]).is_err()));
    }
}
