//! How a caller ends a run from another thread.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};

use crate::SandboxError;
use crate::error::Context;

/// Ends the runs it was given to, at once and for good; clones share one switch.
///
/// It is an eventfd, so that a run can wait for it and for the program's output at the same time.
#[derive(Clone, Debug)]
pub struct Cancel {
    event: Arc<OwnedFd>,
}

impl Cancel {
    /// A switch that is not yet thrown.
    pub fn new() -> Result<Cancel, SandboxError> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let event = rustix::event::eventfd(0, flags).context("create an eventfd")?;
        Ok(Cancel {
            event: Arc::new(event),
        })
    }

    /// Ends every run that holds a clone, now or later.
    pub fn cancel(&self) {
        // Only a full counter can refuse the write, and then the switch was thrown long ago.
        let _ = rustix::io::write(&*self.event, &1u64.to_ne_bytes());
    }

    /// Whether `cancel` was called.
    pub fn is_cancelled(&self) -> bool {
        let mut fds = [PollFd::new(&*self.event, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        rustix::event::poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0)
    }
}

impl AsFd for Cancel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}
