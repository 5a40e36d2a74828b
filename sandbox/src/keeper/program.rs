//! The steps of the process that becomes the program, in the one order that works.
//!
//! Rights are given up from the outside in: what needs root first, then the user, and the filter last. All of that is
//! done before anybody knows what will run. Then the process waits for its run, takes streams, limits and working
//! directory, which need no rights, lets go of every other descriptor, and becomes the program.

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit};
use rustix::thread::CapabilitiesSecureBits;

use super::Keeper;
use super::Usage;
use super::report::{Fault, Report, Step};
use crate::cgroup::FreshGroup;
use crate::channel::Channel;
use crate::wire::{Run, Task};
use crate::{core, probe, sys};

/// What init is told when this process waits.
const READY: u8 = 1;
const FILE_MODE_MASK: u32 = 0o022;

/// Gives up, once for all runs, what neither keeper nor init needs: gains by exec, and capabilities that return.
pub(super) fn shed_privileges() -> io::Result<()> {
    rustix::thread::set_no_new_privs(true)?;
    for capability in 0.. {
        match sys::prctl(libc::PR_CAPBSET_DROP, capability) {
            Ok(()) => {}
            // The first number that the kernel does not know.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => break,
            Err(error) => return Err(error),
        }
    }
    let bits = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    rustix::thread::set_capabilities_secure_bits(bits)?;
    Ok(())
}

/// What the process that will be the program is born with.
pub(super) struct Birth<'a> {
    pub(super) keeper: &'a Keeper,
    pub(super) group: &'a FreshGroup,
    pub(super) init: Channel,
    pub(super) line: &'a Channel,
}

/// Becomes the program that comes from init; reports go up the line.
pub(super) extern "C" fn main(birth: &Birth<'_>) -> ! {
    let report = confine(birth.keeper, birth.group)
        .and_then(|()| receive(&birth.init))
        .and_then(|(run, streams)| take(&run, streams, birth).map(|()| run));
    match report {
        Ok(run) => become_program(&run, birth.line),
        Err(fault) => Report::Failed(fault),
    }
    .send(birth.line);
    sys::exit(1)
}

fn confine(keeper: &Keeper, group: &FreshGroup) -> Result<(), Fault> {
    // Init lets go of them last, because that takes a while.
    for mounts in &keeper.old_mounts {
        sys::close(mounts.as_fd()).step("let go of old mounts")?;
    }
    rustix::process::setsid().step("start a session")?;
    rustix::process::umask(Mode::from_raw_mode(FILE_MODE_MASK));
    group.enter().step("enter a control group")?;
    // The group it is in becomes the root of all that it sees of them.
    sys::unshare(libc::CLONE_NEWCGROUP).step("hide the control groups")?;
    core::rank_as_program(keeper.outranks).step("rank below the supervisors")?;
    change_user(keeper.uid).step("change the user")?;
    sys::load_filter(&keeper.filter).step("load the filter")
}

/// Gives init the turn, and waits for it to hand over the run.
fn receive(init: &Channel) -> Result<(Run, Vec<OwnedFd>), Fault> {
    init.send(&[READY], &[]).step("tell init")?;
    match init.receive().step("receive a run")? {
        Some((message, streams)) => {
            let run = Run::decode(&message).step("read a run")?;
            Ok((run, streams))
        }
        // It ends as soon as its init does.
        None => sys::exit(0),
    }
}

/// Takes on what is the run's own; only the line stays open, for exec to close.
fn take(run: &Run, streams: Vec<OwnedFd>, birth: &Birth<'_>) -> Result<(), Fault> {
    for (stream, number) in streams.iter().zip(0..) {
        sys::dup_to(stream, number).step("set a stream")?;
    }
    drop(streams);
    limit_resources(run).step("limit resources")?;
    rustix::process::chdir(&run.cwd).step("enter the working directory")?;
    // Only to tell when, so it may fail.
    let _ = rustix::io::write(&birth.keeper.begun.1, &[1]);
    sys::close_from(3, birth.line.as_fd()).step("close descriptors")
}

fn limit_resources(run: &Run) -> io::Result<()> {
    for (resource, value) in [
        (Resource::Stack, run.memory_bytes),
        (Resource::Fsize, run.file_size_bytes),
        (Resource::Nofile, run.open_files),
        // Not 0: where the kernel pipes cores into a helper on the host, only 1 keeps it from doing so.
        (Resource::Core, 1),
    ] {
        // Never above what we were given: that would take a capability that containers lack.
        let given = rustix::process::getrlimit(resource)
            .maximum
            .unwrap_or(u64::MAX);
        let value = Some(value.min(given));
        rustix::process::setrlimit(
            resource,
            Rlimit {
                current: value,
                maximum: value,
            },
        )?;
    }
    Ok(())
}

/// Leaving user 0 also empties every capability set.
fn change_user(uid: u32) -> io::Result<()> {
    let group = rustix::process::Gid::from_raw(uid);
    let user = rustix::process::Uid::from_raw(uid);
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(user, user, user)?;
    Ok(())
}

/// Returns only when it could not.
fn become_program(run: &Run, line: &Channel) -> Report {
    let began = || {
        let used = sys::own_usage();
        Report::Began {
            at: sys::clock(),
            // The process's clock would be asked for once more what the kernel has just added up.
            cpu: sys::cpu_of(&used),
            usage: Usage::own(used),
        }
    };
    let (argv, env) = match &run.task {
        Task::Exec { argv, env } => (c_strings(argv), c_strings(env)),
        Task::Probe(number) => {
            began().send(line);
            probe::answer(*number);
        }
    };
    let (Ok(argv), Ok(env)) = (argv, env) else {
        return Report::Failed(Fault::new("read the command", libc::EINVAL));
    };
    let Some(path) = argv.first() else {
        return Report::Failed(Fault::new("find the command", libc::EPROTO));
    };
    began().send(line);
    let error = sys::execve(path, &argv, &env);
    match error.raw_os_error().unwrap_or(libc::EIO) {
        // The host's trouble; all else says something about the file.
        errno @ (libc::EAGAIN | libc::EIO | libc::EMFILE | libc::ENFILE | libc::EINTR) => {
            Report::Failed(Fault::new("execute the program", errno))
        }
        errno => Report::ExecFailed { errno },
    }
}

/// In the form that exec wants.
fn c_strings(list: &[OsString]) -> io::Result<Vec<CString>> {
    list.iter()
        .map(|one| Ok(CString::new(one.as_bytes())?))
        .collect()
}
