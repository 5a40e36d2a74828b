//! How the threads of an interactive run reach each other.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::EventfdFlags;
use sandbox::Cancel;

use super::pipes;
use crate::Fault;

/// Ends either run, and wakes whoever watches both.
pub(super) struct Switches {
    pub(super) program: Cancel,
    pub(super) validator: Cancel,
    bell: OwnedFd,
}

impl Switches {
    pub(super) fn new() -> Result<Switches, Fault> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Switches {
            program: Cancel::new()?,
            validator: Cancel::new()?,
            bell: rustix::event::eventfd(0, flags).map_err(pipes::failed("make"))?,
        })
    }

    pub(super) fn ring(&self) {
        // Only a full counter can refuse it, and then the bell rings already.
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }

    pub(super) fn silence(&self) {
        // It has been rung, or there is nothing to silence.
        let _ = rustix::io::read(&self.bell, &mut [0; 8]);
    }
}

/// Readable when the bell was rung.
impl AsFd for Switches {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }
}
