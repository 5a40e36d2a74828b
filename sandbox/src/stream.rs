//! What a program writes, taken from a pipe as it comes.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::fs::{Gid, OFlags, Uid};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

use crate::Capture;

/// Reads at one time: more than any pipe holds, so that the last time empties it; and bounded, because a program that
/// writes as fast as we read must not keep us from looking at the clock.
const READS: usize = 32;

/// Our end of one output stream.
#[derive(Debug)]
pub(crate) struct Stream {
    /// `None` when it goes elsewhere, or has ended.
    pipe: Option<OwnedFd>,
    kept: Vec<u8>,
    cap_bytes: usize,
    fatal: bool,
    /// More came than was kept.
    cut: bool,
}

impl Stream {
    /// Our end and the program's.
    pub(crate) fn open(capture: Capture, null: &File, owner: u32) -> io::Result<(Stream, OwnedFd)> {
        let mut stream = Stream {
            pipe: None,
            kept: Vec::new(),
            cap_bytes: 0,
            fatal: false,
            cut: false,
        };
        let theirs = match capture {
            Capture::Null => null.try_clone()?.into(),
            Capture::Fd(fd) => fd,
            Capture::Memory { cap_bytes, fatal } => {
                let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
                rustix::fs::fcntl_setfl(&read, OFlags::NONBLOCK)?;
                // So that it may open its own /dev/stdout.
                let (user, group) = (Uid::from_raw(owner), Gid::from_raw(owner));
                rustix::fs::fchown(&write, Some(user), Some(group))?;
                stream.pipe = Some(read);
                stream.cap_bytes = usize::try_from(cap_bytes).unwrap_or(usize::MAX);
                stream.fatal = fatal;
                write
            }
        };
        Ok((stream, theirs))
    }

    /// The pipe, while there may be more to come.
    pub(crate) fn pipe(&self) -> Option<&OwnedFd> {
        self.pipe.as_ref()
    }

    /// Takes what is there without waiting.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 64 << 10];
        for _ in 0..READS {
            let Some(pipe) = &self.pipe else { break };
            match rustix::io::read(pipe, &mut buffer) {
                Ok((&mut [], _)) => self.pipe = None,
                Ok((bytes, _)) => self.keep(bytes),
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether it wrote more than it may.
    pub(crate) fn passed_its_cap(&self) -> bool {
        self.cut && self.fatal
    }

    /// What was kept.
    pub(crate) fn into_kept(self) -> Vec<u8> {
        self.kept
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = self.cap_bytes - self.kept.len();
        self.cut |= bytes.len() > room;
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}
