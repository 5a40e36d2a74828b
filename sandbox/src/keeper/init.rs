//! Pid 1 of a run: prepares the place, forks the program, waits for the run, then reaps, reports and exits.
//!
//! It stays root and outside of the run's control groups, so the program can neither signal nor pay for it.

use std::ffi::CStr;
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::CWD;
use rustix::mount::{MountFlags, MoveMountFlags, UnmountFlags};
use rustix::process::Signal;

use super::heapless::c_text;
use super::report::{Fault, Report, Step};
use super::sharing::{self, Room};
use super::usage::{self, Burial};
use super::{Walls, program};
use crate::cgroup::FreshGroup;
use crate::channel::{Channel, Descriptors};
use crate::codec::CStrings;
use crate::fork::{self, Fork};
use crate::sys;
use crate::wire::{Expected, Order, Run};

/// Standard input, output and error come before the mounts.
const STREAMS: usize = 3;

/// What an init is born with. Nobody changes it as long as init lives.
#[derive(Debug)]
pub(super) struct Birth {
    pub(super) walls: &'static Walls,
    pub(super) group: FreshGroup,
    pub(super) expected: Expected,
    pub(super) room: Room,
    /// To the evaluator. Only init has it open under this number.
    pub(super) line: RawFd,
    /// As open as the line; for init, and the process that it forks, to let go of.
    pub(super) old_mounts: Vec<RawFd>,
}

/// Never returns: its exit ends the run.
pub(super) extern "C" fn main(birth: &Birth) -> ! {
    // SAFETY: we were born with it, for ourselves. Closed by our end.
    let line = unsafe { ManuallyDrop::new(Channel::from(OwnedFd::from_raw_fd(birth.line))) };
    if let Err(fault) = live(birth, &line) {
        Report::Failed(fault).send(&line);
    }
    sys::exit(0)
}

fn live(birth: &Birth, line: &Channel) -> Result<(), Fault> {
    let walls = birth.walls;
    follow_the_keeper(&walls.keeper)?;
    mount_proc(walls.root.lends_proc()).step("mount /proc")?;
    mount_fresh(birth.expected.memory_bytes)?;
    let (to_program, from_init) = Channel::pair().step("make a line to the program")?;
    let program = ManuallyDrop::new(program::Birth {
        of_init: birth,
        init: Channel::from(from_init),
        line,
    });
    let pid = give_birth(&program).step("fork the program")?;
    sys::close(program.init.as_fd()).step("close a descriptor")?;
    // It says that it waits.
    let mut ready = [0; 1];
    let waits = to_program.receive_into(&mut ready);
    if waits.step("wait for the program")?.is_none() {
        // If it knew why, it has said so up the line, and that counts.
        return Err(Fault::new("keep the program's process alive", libc::ESRCH));
    }
    sys::kill_all_on_request().step("listen for a kill")?;
    // Whoever reads the program's output, or waits for the keeper's end, must see it.
    sys::close_all_but([line.as_fd(), to_program.as_fd(), walls.root.writable()])
        .step("close descriptors")?;
    // SAFETY: the program's process waits until we have handed it on.
    let message = unsafe { birth.room.message() };
    let Some((length, mut fds)) = line.receive_into(message).step("receive a run")? else {
        // Nobody will ever use this place.
        return Ok(());
    };
    let message = &message[..length];
    let run = Run::decode(message).step("read a run")?;
    let counts_writes = run.counts_writes;
    let streams = show(birth, &run, &mut fds)?;
    to_program
        .send(message, &streams.each_ref().map(AsFd::as_fd))
        .step("hand the run to its process")?;
    // All are closed here, and none by its owner after that.
    let _ = ManuallyDrop::new((streams, to_program));
    sys::close_all_but([line.as_fd()]).step("close descriptors")?;
    let Burial { status, at, usage } = usage::bury(pid, counts_writes);
    Report::Ended { at, status, usage }.send(line);
    sys::exit(0)
}

/// Forks the process that will be the program; returns its pid.
fn give_birth(program: &program::Birth<'_>) -> io::Result<i32> {
    let birth = program.of_init;
    let how = fork::Birth {
        cgroup: birth.group.birthplace(),
        ..fork::Birth::default()
    };
    if birth.expected.alone {
        // SAFETY: init has one thread.
        return match unsafe { fork::fork(how) }? {
            Fork::Child => program::main(program),
            Fork::Parent(child) => Ok(child.pid),
        };
    }
    // SAFETY: init has one child, which keeps to the rules, and outlives it with all that it was given.
    let child = unsafe { sharing::fork(&birth.room.program_stack, how, program::main, program) }?;
    Ok(child.pid)
}

/// Mounts what the caller shows, and returns what is left of the descriptors.
fn show(
    birth: &Birth,
    run: &Order<'_>,
    fds: &mut Descriptors,
) -> Result<[OwnedFd; STREAMS], Fault> {
    let cut = || Fault::new("receive the descriptors of a run", libc::EPROTO);
    let count = fds.received();
    let mut next = || fds.next().ok_or_else(cut);
    let streams = [next()?, next()?, next()?];
    if count != STREAMS + run.targets.clone().count() {
        return Err(cut());
    }
    if run.memory_bytes != birth.expected.memory_bytes {
        resize_fresh(run.memory_bytes)?;
    }
    mount(birth, fds, run.targets.clone())?;
    Ok(streams)
}

fn mount(birth: &Birth, mounts: &mut Descriptors, targets: CStrings<'_>) -> Result<(), Fault> {
    for (mount, target) in mounts.zip(targets) {
        let mount = || attach(mount.as_fd(), target);
        match mount() {
            // The first run of a box that is shown something there.
            Err(rustix::io::Errno::NOENT) => {
                let root = &birth.walls.root;
                root.make_target(target).step("make a mount point")?;
                mount()
            }
            result => result,
        }
        .step("mount for the caller")?;
    }
    Ok(())
}

fn attach(mount: BorrowedFd<'_>, target: &CStr) -> rustix::io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    rustix::mount::move_mount(mount, c"", CWD, target, flags)
}

/// Dies when the keeper dies, even if that was a moment ago.
fn follow_the_keeper(keeper: &OwnedFd) -> Result<(), Fault> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .step("follow the keeper")?;
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
/// Directories that every program may write to, and what it is called to mount and to size them.
const SCRATCH: [(&CStr, &str, &str); 2] = [
    (c"/tmp", "mount /tmp", "size /tmp"),
    (c"/dev/shm", "mount /dev/shm", "size /dev/shm"),
];

fn mount_fresh(memory_bytes: u64) -> Result<(), Fault> {
    // Filling them is charged to the program; files that hold nothing are what the second bound is for.
    let mut line = [0; _];
    let options = format_args!("mode=1777,nr_inodes=64k,size={memory_bytes}");
    let options = c_text(&mut line, options).step("size a directory")?;
    for (dir, step, _) in SCRATCH {
        rustix::mount::mount(c"tmpfs", dir, c"tmpfs", QUIET, options).step(step)?;
    }
    Ok(())
}

fn resize_fresh(memory_bytes: u64) -> Result<(), Fault> {
    let mut line = [0; _];
    let options = format_args!("size={memory_bytes}");
    let options = c_text(&mut line, options).step("size a directory")?;
    for (dir, _, step) in SCRATCH {
        rustix::mount::mount_remount(dir, QUIET, options).step(step)?;
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
