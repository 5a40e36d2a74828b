//! The steps of the process that becomes the program, in the one order that works.
//!
//! Rights are given up from the outside in: what needs root first, then the user, and the filter last. All of that is
//! done before anybody knows what will run. Then the process waits for its run, takes streams, limits and working
//! directory, which need no rights, lets go of every other descriptor, and becomes the program.

use std::ffi::{CStr, c_char};
use std::io;
use std::os::fd::AsFd;
use std::ptr;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit};
use rustix::thread::CapabilitiesSecureBits;

use super::report::{Fault, Report, Step};
use super::{Usage, init};
use crate::channel::{Channel, Descriptors};
use crate::codec::CStrings;
use crate::wire::{Order, Run, Task};
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
    pub(super) of_init: &'a init::Birth,
    pub(super) init: Channel,
    pub(super) line: &'a Channel,
}

/// Becomes the program that comes from init; reports go up the line.
pub(super) extern "C" fn main(birth: &Birth<'_>) -> ! {
    let report = confine(birth.of_init)
        .and_then(|()| receive(birth))
        .and_then(|(run, streams)| take(&run, streams, birth).map(|()| run));
    match report {
        Ok(run) => become_program(&run, birth),
        Err(fault) => Report::Failed(fault),
    }
    .send(birth.line);
    sys::exit(1)
}

fn confine(birth: &init::Birth) -> Result<(), Fault> {
    // Init lets go of them last, because that takes a while.
    for &mounts in &birth.old_mounts {
        sys::close_number(mounts).step("let go of old mounts")?;
    }
    rustix::process::setsid().step("start a session")?;
    rustix::process::umask(Mode::from_raw_mode(FILE_MODE_MASK));
    birth.group.enter().step("enter a control group")?;
    // The group it is in becomes the root of all that it sees of them.
    sys::unshare(libc::CLONE_NEWCGROUP).step("hide the control groups")?;
    core::rank_as_program(birth.walls.outranks).step("rank below the supervisors")?;
    change_user(birth.walls.uid).step("change the user")?;
    sys::load_filter(&birth.walls.filter).step("load the filter")
}

/// Tells init that we wait, and waits for it to hand over the run.
fn receive<'a>(birth: &Birth<'a>) -> Result<(Order<'a>, Descriptors), Fault> {
    birth.init.send(&[READY], &[]).step("tell init")?;
    // SAFETY: from init's message on it is ours.
    let message = unsafe { birth.of_init.room.message() };
    match birth.init.receive_into(message).step("receive a run")? {
        Some((length, streams)) => {
            let run = Run::decode(&message[..length]).step("read a run")?;
            Ok((run, streams))
        }
        // It ends as soon as its init does.
        None => sys::exit(0),
    }
}

/// Takes on what is the run's own; only the line stays open, for exec to close.
fn take(run: &Order<'_>, streams: Descriptors, birth: &Birth<'_>) -> Result<(), Fault> {
    for (stream, number) in streams.zip(0..) {
        sys::dup_to(&stream, number).step("set a stream")?;
    }
    limit_resources(run).step("limit resources")?;
    rustix::process::chdir(run.cwd).step("enter the working directory")?;
    // Only to tell when, so it may fail.
    let _ = rustix::io::write(&birth.of_init.walls.begun.1, &[1]);
    sys::close_from(3, birth.line.as_fd()).step("close descriptors")
}

fn limit_resources(run: &Order<'_>) -> io::Result<()> {
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
fn become_program(run: &Order<'_>, birth: &Birth<'_>) -> Report {
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
        Task::Exec { argv, env } => (argv, env),
        Task::Probe(number) => {
            began().send(birth.line);
            probe::answer(*number);
        }
    };
    let Some(path) = argv.clone().next() else {
        return Report::Failed(Fault::new("find the command", libc::EPROTO));
    };
    // SAFETY: nobody else of this place ever asks for them.
    let pointers = unsafe { birth.of_init.room.pointers() };
    let Some((argv, rest)) = lay_out(argv, pointers) else {
        return Report::Failed(Fault::new("read the command", libc::E2BIG));
    };
    let Some((env, _)) = lay_out(env, rest) else {
        return Report::Failed(Fault::new("read the environment", libc::E2BIG));
    };
    began().send(birth.line);
    // SAFETY: both lists were laid out for it.
    let error = unsafe { sys::execve(path, argv, env) };
    match error.raw_os_error().unwrap_or(libc::EIO) {
        // The host's trouble; all else says something about the file.
        errno @ (libc::EAGAIN | libc::EIO | libc::EMFILE | libc::ENFILE | libc::EINTR) => {
            Report::Failed(Fault::new("execute the program", errno))
        }
        errno => Report::ExecFailed { errno },
    }
}

/// Lays a list out as exec wants it; returns it, and the room that is left.
fn lay_out<'a>(
    list: &CStrings<'_>,
    room: &'a mut [*const c_char],
) -> Option<(*const *const c_char, &'a mut [*const c_char])> {
    let count = list.clone().count();
    let (places, rest) = room.split_at_mut_checked(count + 1)?;
    let pointers = list.clone().map(CStr::as_ptr).chain([ptr::null()]);
    for (place, pointer) in places.iter_mut().zip(pointers) {
        *place = pointer;
    }
    Some((places.as_ptr(), rest))
}
