//! The pipes of an interactive run.

use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

use crate::Fault;

/// As much as the format's other judges give: who answers without having read must not wait for it.
const PIPE_BYTES: usize = 1 << 20;
/// How much of a pipe is taken away at one time.
const CHUNK_BYTES: usize = 64 << 10;

/// A pipe that programs of other users may open again as their `/dev/stdin` or `/dev/stdout`.
pub(super) struct Pipe {
    pub(super) read: OwnedFd,
    pub(super) write: OwnedFd,
}

/// Our copies of a pipe's ends; one that is dropped is closed for whoever waits on the other side.
pub(super) struct Ends {
    pub(super) read: Option<OwnedFd>,
    pub(super) write: Option<OwnedFd>,
}

impl Pipe {
    pub(super) fn new() -> Result<Pipe, Fault> {
        let make = || {
            let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
            rustix::pipe::fcntl_setpipe_size(&write, PIPE_BYTES)?;
            // Nobody else can reach it: each box sees its own processes only.
            rustix::fs::fchmod(&write, Mode::from_raw_mode(0o666))?;
            Ok::<_, Errno>(Pipe { read, write })
        };
        make().map_err(failed("make"))
    }

    pub(super) fn copies(&self) -> Result<Ends, Fault> {
        Ok(Ends {
            read: Some(read_again(&self.read).map_err(failed("open"))?),
            write: Some(
                self.write
                    .try_clone()
                    .map_err(Fault::io("share", "a pipe"))?,
            ),
        })
    }
}

/// A reading end of our own, which never waits: a program may open its own pipe for reading too, and take away what we
/// were told is there.
fn read_again(end: &OwnedFd) -> Result<OwnedFd, Errno> {
    let path = format!("/proc/self/fd/{}", end.as_raw_fd());
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
}

/// Whether somebody writes much more than is read.
pub(super) fn is_half_full(pipe: &OwnedFd) -> bool {
    unread(pipe) >= PIPE_BYTES as u64 / 2
}

/// How much lies in a pipe.
pub(super) fn unread(pipe: &OwnedFd) -> u64 {
    rustix::io::ioctl_fionread(pipe).unwrap_or_default()
}

/// Takes what lies in a pipe that nobody reads any more, and counts it.
pub(super) fn take_away(pipe: &OwnedFd) -> Result<u64, Fault> {
    let mut buffer = [0; CHUNK_BYTES];
    match rustix::io::read(pipe, &mut buffer) {
        Ok(length) => Ok(length as u64),
        Err(Errno::INTR | Errno::AGAIN) => Ok(0),
        Err(errno) => Err(failed("read")(errno)),
    }
}

pub(super) fn failed(action: &'static str) -> impl FnOnce(Errno) -> Fault {
    move |errno| Fault::io(action, Path::new("a pipe"))(errno.into())
}
