//! Pid 1 of a run: prepares the place, forks the program, waits for the run, then reaps, reports and exits.
//!
//! It stays root and outside of the run's control groups, so the program can neither signal nor pay for it.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::CWD;
use rustix::mount::{MountFlags, MoveMountFlags, UnmountFlags};

use super::program::{self, Birth};
use super::report::{Fault, Report, Step};
use super::usage::{self, Burial};
use super::{Keeper, sharing};
use crate::cgroup::FreshGroup;
use crate::channel::Channel;
use crate::sys;
use crate::wire::{Expected, Run};

/// Standard input, output and error come before the mounts.
const STREAMS: usize = 3;

/// Never returns: its exit ends the run.
pub(super) fn main(keeper: &Keeper, group: &FreshGroup, expected: Expected, line: Channel) -> ! {
    if let Err(fault) = live(keeper, group, expected, &line) {
        Report::Failed(fault).send(&line);
    }
    sys::exit(0)
}

fn live(
    keeper: &Keeper,
    group: &FreshGroup,
    expected: Expected,
    line: &Channel,
) -> Result<(), Fault> {
    follow_the_keeper(&keeper.itself)?;
    mount_proc(keeper.root.lends_proc()).step("mount /proc")?;
    mount_fresh(expected.memory_bytes)?;
    let (to_program, from_init) = Channel::pair().step("make a line to the program")?;
    let birth = ManuallyDrop::new(Birth {
        keeper,
        group,
        init: Channel::from(from_init),
        line,
    });
    let program = give_birth(&birth, expected).step("fork the program")?;
    sys::close(birth.init.as_fd()).step("close a descriptor")?;
    // From here on the two take turns. It says that it waits.
    if to_program.receive().step("wait for the program")?.is_none() {
        // If it knew why, it has said so up the line, and that counts.
        return Err(Fault::new("keep the program's process alive", libc::ESRCH));
    }
    sys::kill_all_on_request().step("listen for a kill")?;
    // Whoever reads the program's output, or waits for the keeper's end, must see it.
    sys::close_all_but([line.as_fd(), to_program.as_fd(), keeper.root.writable()])
        .step("close descriptors")?;
    let Some((message, fds)) = line.receive().step("receive a run")? else {
        // Nobody will ever use this place.
        return Ok(());
    };
    let run = Run::decode(&message).step("read a run")?;
    let streams = ManuallyDrop::new(show(keeper, &run, fds, expected)?);
    let descriptors: Vec<_> = streams.iter().map(AsFd::as_fd).collect();
    to_program
        .send(&message, &descriptors)
        .step("hand the run to its process")?;
    // Now it is the program's turn, for good. Closed without their owners, who would return memory.
    sys::close_all_but([line.as_fd()]).step("close descriptors")?;
    let Burial { status, at, usage } = usage::bury(program, run.counts_writes);
    Report::Ended { at, status, usage }.send(line);
    sys::exit(0)
}

/// Forks the process that will be the program; returns its pid.
fn give_birth(birth: &Birth<'_>, expected: Expected) -> io::Result<i32> {
    let cgroup = birth.group.birthplace();
    if expected.probe {
        // SAFETY: init has one thread.
        return match unsafe { sys::fork(0, cgroup) }? {
            sys::Fork::Child => program::main(birth),
            sys::Fork::Parent { pid, .. } => Ok(pid),
        };
    }
    // SAFETY: init has one thread and one child; it waits in a system call whenever that one works, and outlives it.
    unsafe { sharing::fork(&birth.keeper.stack, cgroup, program::main, birth) }
}

/// Mounts what the caller shows, and returns what is left of the descriptors.
fn show(
    keeper: &Keeper,
    run: &Run,
    mut fds: Vec<OwnedFd>,
    expected: Expected,
) -> Result<Vec<OwnedFd>, Fault> {
    if fds.len() != STREAMS + run.targets.len() {
        return Err(Fault::new("receive the descriptors of a run", libc::EPROTO));
    }
    if run.memory_bytes != expected.memory_bytes {
        resize_fresh(run.memory_bytes)?;
    }
    let attach = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    for (mount, target) in fds.drain(STREAMS..).zip(&run.targets) {
        keeper.root.make_target(target).step("make a mount point")?;
        rustix::mount::move_mount(mount, "", CWD, target, attach).step("mount for the caller")?;
    }
    Ok(fds)
}

/// Dies when the keeper dies, even if that was a moment ago.
fn follow_the_keeper(keeper: &OwnedFd) -> Result<(), Fault> {
    sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as u64).step("follow the keeper")?;
    let mut keeper = [PollFd::new(keeper, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    rustix::event::poll(&mut keeper, Some(&now)).step("look for the keeper")?;
    if !keeper[0].revents().is_empty() {
        sys::exit(1);
    }
    Ok(())
}

const QUIET: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);
/// Directories that every program may write to.
const SCRATCH: [&str; 2] = ["/tmp", "/dev/shm"];

fn mount_fresh(memory_bytes: u64) -> Result<(), Fault> {
    // Filling them is charged to the program; files that hold nothing are what the second bound is for.
    let options = format!("mode=1777,nr_inodes=64k,size={memory_bytes}");
    let options = std::ffi::CString::new(options).step("size a directory")?;
    for dir in SCRATCH {
        rustix::mount::mount("tmpfs", dir, "tmpfs", QUIET, &*options)
            .step(&format!("mount {dir}"))?;
    }
    Ok(())
}

fn resize_fresh(memory_bytes: u64) -> Result<(), Fault> {
    let options =
        std::ffi::CString::new(format!("size={memory_bytes}")).step("size a directory")?;
    for dir in SCRATCH {
        rustix::mount::mount_remount(dir, QUIET, &*options).step(&format!("size {dir}"))?;
    }
    Ok(())
}

/// Without other people's processes, and without the files about the host.
fn mount_proc(is_lent_one: bool) -> rustix::io::Result<()> {
    let flags = QUIET | MountFlags::NOEXEC;
    let options = c"hidepid=invisible,subset=pid";
    if !is_lent_one {
        return rustix::mount::mount("proc", "/proc", "proc", flags, options);
    }
    // Under ours the host's would still be there.
    rustix::mount::mount("proc", "/tmp", "proc", flags, options)?;
    rustix::mount::unmount("/proc", UnmountFlags::DETACH)?;
    rustix::mount::mount_move("/tmp", "/proc")
}
