//! The last steps of the process that becomes the program, in the one order that works.
//!
//! Rights are given up from the outside in: what needs root first, then the user, then every descriptor but three, and
//! the filter last, because it forbids most of the others. The control group comes as late as it can, so that our own
//! steps are hardly charged.

use std::ffi::{CString, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit};
use rustix::thread::CapabilitiesSecureBits;

use super::report::{Fault, Report, Step};
use super::{Job, Keeper};
use crate::wire::{Attach, Run, Task};
use crate::{probe, sys};

const FILE_MODE_MASK: u32 = 0o022;

/// A command in the form that exec wants.
pub(super) struct Command {
    argv: Vec<CString>,
    env: Vec<CString>,
}

impl Command {
    /// `None` for a probe.
    pub(super) fn new(task: &Task) -> io::Result<Option<Command>> {
        let c_strings = |list: &[OsString]| -> io::Result<Vec<CString>> {
            list.iter()
                .map(|one| Ok(CString::new(one.as_bytes())?))
                .collect()
        };
        Ok(match task {
            Task::Exec { argv, env } => Some(Command {
                argv: c_strings(argv)?,
                env: c_strings(env)?,
            }),
            Task::Probe(_) => None,
        })
    }
}

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

/// Becomes the program.
pub(super) fn main(keeper: &Keeper, job: Job, pipe: &OwnedFd) -> ! {
    let report = match confine(keeper, &job, pipe) {
        Ok(()) => become_program(&job),
        Err(fault) => Report::Failed(fault),
    };
    report.send(pipe);
    sys::exit(1)
}

fn confine(keeper: &Keeper, job: &Job, pipe: &OwnedFd) -> Result<(), Fault> {
    rustix::process::setsid().step("start a session")?;
    for (stream, number) in job.streams.iter().zip(0..) {
        sys::dup_to(stream, number).step("set a stream")?;
    }
    rustix::process::umask(Mode::from_raw_mode(FILE_MODE_MASK));
    limit_resources(&job.run).step("limit resources")?;
    if let Attach::Write(_) = job.run.attach {
        for door in &job.doors {
            rustix::io::write(door, b"0").step("enter a control group")?;
        }
    }
    // The group it is in becomes the root of all that it sees of them.
    sys::unshare(libc::CLONE_NEWCGROUP).step("hide the control groups")?;
    change_user(keeper.uid).step("change the user")?;
    rustix::process::chdir(&job.run.cwd).step("enter the working directory")?;
    sys::close_from(3, pipe).step("close descriptors")?;
    sys::load_filter(&keeper.filter).step("load the filter")
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

fn become_program(job: &Job) -> Report {
    let Some(command) = &job.command else {
        let Task::Probe(number) = job.run.task else {
            return Report::Failed(Fault::new("find the command", libc::EPROTO));
        };
        probe::answer(number);
    };
    let Some(path) = command.argv.first() else {
        return Report::Failed(Fault::new("find the command", libc::EPROTO));
    };
    let error = sys::execve(path, &command.argv, &command.env);
    match error.raw_os_error().unwrap_or(libc::EIO) {
        // The host's trouble; all else says something about the file.
        errno @ (libc::EAGAIN | libc::EIO | libc::EMFILE | libc::ENFILE | libc::EINTR) => {
            Report::Failed(Fault::new("execute the program", errno))
        }
        errno => Report::ExecFailed { errno },
    }
}
