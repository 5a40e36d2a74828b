//! A place for one run, prepared by the keeper before anybody asked for it: namespaces, fresh mounts, control groups,
//! and two processes that wait.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Signal;

use crate::SandboxError;
use crate::cgroup::{RunGroup, Version};
use crate::channel::{Channel, Descriptors};
use crate::error::Context;
use crate::keeper::{Course, Fault, Report};
use crate::request::Prepared;

/// How long a dropped place may take to die.
const DYING: Duration = Duration::from_secs(5);

/// Used once. Whatever is in it is killed and dead when it is dropped; the keeper then clears it away.
#[derive(Debug)]
pub(crate) struct Place {
    line: Channel,
    /// Readable when init is dead, and with it the whole tree.
    init: OwnedFd,
    pub(crate) group: RunGroup,
    pub(crate) course: Course,
}

impl Place {
    /// Takes what came with the keeper's answer: the line, init, the directories of the control groups.
    pub(crate) fn new(
        version: Version,
        mut fds: Descriptors,
        cpu_before: Duration,
    ) -> Result<Place, SandboxError> {
        let (Some(line), Some(init)) = (fds.next(), fds.next()) else {
            return Err(SandboxError::Damaged(
                "its keeper hands over half a place".to_owned(),
            ));
        };
        Ok(Place {
            line: Channel::from(line),
            init,
            group: RunGroup::new(version, fds.collect(), cpu_before)
                .context("open the accounts of a run")?,
            course: Course::default(),
        })
    }

    /// Sends the run to the processes that wait for it.
    pub(crate) fn begin(&self, prepared: &Prepared) -> std::io::Result<()> {
        let descriptors: Vec<BorrowedFd<'_>> = prepared
            .streams
            .iter()
            .chain(&prepared.mounts)
            .map(AsFd::as_fd)
            .collect();
        self.line.send(&prepared.run.encode(), &descriptors)
    }

    pub(crate) fn init(&self) -> &OwnedFd {
        &self.init
    }

    /// Takes in what has been reported up to now.
    pub(crate) fn listen(&mut self) -> std::io::Result<()> {
        while let Some((message, _)) = self.line.receive_now()? {
            self.course.add(Report::decode(&message)?);
        }
        Ok(())
    }

    /// The step of ours for which nothing can begin here, if it was told.
    pub(crate) fn fault(&mut self) -> Option<Fault> {
        // What can be read of a line whose other end is gone is all there is.
        let _ = self.listen();
        self.course.conclude().err()
    }

    /// Has init kill the tree and tell what it had used. Only the kernel's own kill is certain: see [`Place::kill`].
    pub(crate) fn end(&self) {
        self.group.kill();
        let _ = rustix::process::pidfd_send_signal(&self.init, Signal::TERM);
    }

    /// Kills the whole tree.
    pub(crate) fn kill(&self) {
        self.group.kill();
        // It may have ended by itself; the keeper alone reaps it, so the descriptor cannot mean another process.
        let _ = rustix::process::pidfd_send_signal(&self.init, Signal::KILL);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !is_ready_within(&self.init, Duration::ZERO) {
            self.kill();
            is_ready_within(&self.init, DYING);
        }
    }
}

/// Whether there is something to read, or nothing more to come, before patience ends.
pub(crate) fn is_ready_within(fd: impl AsFd, patience: Duration) -> bool {
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    let patience = Timespec::try_from(patience).ok();
    rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, patience.as_ref()))
        .is_ok_and(|ready| ready > 0)
}
