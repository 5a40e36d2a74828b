//! Pid 1 of a run: mounts what is fresh, forks the program, reaps, reports, exits.
//!
//! It stays root and outside of the run's control groups, so the program can neither signal nor pay for it.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::CWD;
use rustix::mount::{MountFlags, MoveMountFlags};
use rustix::process::{Pid, WaitOptions};

use super::program;
use super::report::{Fault, Report, Step};
use super::{Job, Keeper};
use crate::sys;
use crate::wire::Attach;

/// What the program sees as the host's name.
const HOST_NAME: &[u8] = b"box";

/// Never returns: its exit ends the run.
pub(super) fn main(keeper: &Keeper, job: Job, pipe: OwnedFd) -> ! {
    match start(keeper, job, &pipe) {
        Ok((program, began)) => {
            let status = reap(program);
            let wall_ns = began.elapsed().as_nanos() as u64;
            Report::Ended { status, wall_ns }.send(&pipe);
        }
        Err(fault) => Report::Failed(fault).send(&pipe),
    }
    sys::exit(0)
}

fn start(keeper: &Keeper, job: Job, pipe: &OwnedFd) -> Result<(i32, Instant), Fault> {
    follow_the_keeper(pipe)?;
    mount_fresh(&job)?;
    rustix::system::sethostname(HOST_NAME).step("name the host")?;
    let began = Instant::now();
    let cgroup = match job.run.attach {
        Attach::Fork => job.doors.first().map(AsFd::as_fd),
        Attach::Write(_) => None,
    };
    // SAFETY: init has one thread.
    match unsafe { sys::fork(0, cgroup) }.step("fork the program")? {
        sys::Fork::Child => program::main(keeper, job, pipe),
        sys::Fork::Parent { pid, pidfd } => {
            Report::Began.send(pipe);
            // Whoever reads the program's output, or waits for the keeper's end, must see it.
            drop((job, pidfd));
            sys::close_from(0, pipe).step("close descriptors")?;
            Ok((pid, began))
        }
    }
}

/// Dies when the keeper dies, even if that was a moment ago.
fn follow_the_keeper(pipe: &OwnedFd) -> Result<(), Fault> {
    sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64).step("follow the keeper")?;
    let mut keeper = [PollFd::new(pipe, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    rustix::event::poll(&mut keeper, Some(&now)).step("look for the keeper")?;
    // Only the keeper reads the pipe.
    if keeper[0].revents().contains(PollFlags::ERR) {
        sys::exit(1);
    }
    Ok(())
}

fn mount_fresh(job: &Job) -> Result<(), Fault> {
    let quiet = MountFlags::NOSUID | MountFlags::NODEV;
    // Without other people's processes, and without the files about the host.
    let proc = quiet | MountFlags::NOEXEC;
    rustix::mount::mount(
        "proc",
        "/proc",
        "proc",
        proc,
        c"hidepid=invisible,subset=pid",
    )
    .step("mount /proc")?;
    // Filling them is charged to the program; files that hold nothing are what the second bound is for.
    let size = format!("mode=1777,nr_inodes=64k,size={}", job.run.memory_bytes);
    let size = std::ffi::CString::new(size).step("size /tmp")?;
    rustix::mount::mount("tmpfs", "/tmp", "tmpfs", quiet, &*size).step("mount /tmp")?;
    rustix::mount::mount("tmpfs", "/dev/shm", "tmpfs", quiet, &*size).step("mount /dev/shm")?;
    let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    for (mount, target) in job.mounts.iter().zip(&job.run.targets) {
        rustix::mount::move_mount(mount, "", CWD, target, attach).step("mount for the caller")?;
    }
    Ok(())
}

/// Buries every orphan until the program itself has ended; returns its wait status.
fn reap(program: i32) -> i32 {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if Some(pid) == Pid::from_raw(program) => {
                return status.as_raw();
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // It cannot happen while the program has not been waited for.
            Err(_) => sys::exit(1),
        }
    }
}
