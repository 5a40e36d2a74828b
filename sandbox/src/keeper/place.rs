//! What was prepared for one run, as the keeper holds it.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::process::{Signal, WaitId, WaitIdOptions};

use super::init;
use super::report::{Fault, Step};
use super::sharing::{self, Lent};
use crate::channel::Channel;
use crate::fork::{self, Fork};
use crate::sys;
use crate::wire::{Answer, Work};

/// Namespaces that every run has for itself.
const RUN_NAMESPACES: i32 =
    libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;

/// An init that prepares a run or waits for one, with all that it was born with.
pub(super) struct Place {
    init: OwnedFd,
    birth: Lent<init::Birth>,
    /// The place's mount namespace. While we hold it, init need not wait for the kernel to take the mounts apart.
    mounts: Option<OwnedFd>,
}

impl Place {
    /// Forks an init into fresh namespaces. What it was to be born with comes back where that fails.
    pub(super) fn make(birth: init::Birth) -> Result<Place, (io::Error, Box<init::Birth>)> {
        let birth = Lent::new(birth);
        match fork_init(&birth) {
            Ok(init) => Ok(Place {
                mounts: mounts_of(&init),
                init,
                birth,
            }),
            // SAFETY: there is no init.
            Err(error) => Err((error, unsafe { birth.take_back() })),
        }
    }

    /// Readable when init is dead.
    pub(super) fn init(&self) -> &OwnedFd {
        &self.init
    }

    /// Hands it to the supervisor, with the line to its init.
    pub(super) fn hand_over(&self, to: &Channel, line: &OwnedFd, work: Work) -> io::Result<()> {
        let group = &self.birth.group;
        let fds = [line.as_fd(), self.init.as_fd()].into_iter();
        let answer = Answer::Prepared {
            work,
            cpu_before: group.cpu_before,
        };
        to.send(
            &answer.encode(),
            &fds.chain(group.dirs()).collect::<Vec<_>>(),
        )
    }

    /// Sees to it that init, and with it the whole tree, is dead and buried; what is left of the place.
    pub(super) fn end(self) -> Result<(Box<init::Birth>, Option<OwnedFd>), Fault> {
        // It may have ended by itself; nobody but us reaps it.
        let _ = rustix::process::pidfd_send_signal(&self.init, Signal::KILL);
        rustix::process::waitid(WaitId::PidFd(self.init.as_fd()), WaitIdOptions::EXITED)
            .step("reap init")?;
        // SAFETY: whoever could read it is dead.
        Ok((unsafe { self.birth.take_back() }, self.mounts))
    }
}

fn fork_init(birth: &Lent<init::Birth>) -> io::Result<OwnedFd> {
    let how = fork::Birth {
        namespaces: RUN_NAMESPACES,
        with_pidfd: true,
        cgroup: None,
    };
    let child = if birth.expected.alone {
        // SAFETY: a keeper has one thread.
        match unsafe { fork::fork(how) }? {
            Fork::Child => init::main(birth),
            Fork::Parent(child) => child,
        }
    } else {
        // SAFETY: an init keeps to the rules, and what it was lent is taken back after its end.
        unsafe { sharing::fork(&birth.room.init_stack, how, init::main, birth) }?
    };
    child.pidfd.ok_or_else(|| io::ErrorKind::Other.into())
}

/// Only for speed, so it may fail: kernels before 6.11 cannot.
fn mounts_of(init: &OwnedFd) -> Option<OwnedFd> {
    // A change of user in the memory that we share takes it away, and not everywhere we have the right to look regardless.
    let shown = sys::show_processes(true);
    let mounts = shown.and_then(|()| sys::mount_namespace(init));
    let _ = sys::show_processes(false);
    mounts.ok()
}
