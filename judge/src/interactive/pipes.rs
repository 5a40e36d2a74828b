//! The pipes of an interactive run.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::pipe::PipeFlags;

use crate::Fault;

/// As much as the format's other judges give: who answers without having read must not wait for it.
const PIPE_BYTES: usize = 1 << 20;

/// A pipe that programs of other users may open again as their `/dev/stdin` or `/dev/stdout`.
pub(super) struct Pipe {
    pub(super) read: OwnedFd,
    pub(super) write: OwnedFd,
}

impl Pipe {
    pub(super) fn new() -> Result<Pipe, Fault> {
        let make = || {
            let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
            rustix::pipe::fcntl_setpipe_size(&write, PIPE_BYTES)?;
            // Nobody else can reach it: each box sees its own processes only.
            rustix::fs::fchmod(&write, Mode::from_raw_mode(0o666))?;
            Ok::<_, rustix::io::Errno>(Pipe { read, write })
        };
        make().map_err(failed("make"))
    }
}

/// Our own end, which must never keep us waiting. The other end has its own flags.
pub(super) fn without_waiting(end: OwnedFd) -> Result<OwnedFd, Fault> {
    rustix::fs::fcntl_setfl(&end, OFlags::NONBLOCK).map_err(failed("set up"))?;
    Ok(end)
}

pub(super) fn copy(end: &OwnedFd) -> Result<OwnedFd, Fault> {
    end.try_clone()
        .map_err(Fault::io("share", Path::new("a pipe")))
}

pub(super) fn failed(action: &'static str) -> impl FnOnce(rustix::io::Errno) -> Fault {
    move |errno| Fault::io(action, Path::new("a pipe"))(errno.into())
}
