//! The keeper of one box: a process with one thread that prepares the box once and starts every run in it.
//!
//! Three processes stand between the evaluator and a program:
//!
//! ```text
//! evaluator ── socket ── keeper ── report pipe ── init (pid 1) ── program (pid 2) ── its children
//! (limits, streams)      (box: network, root)     (run: pid, ipc, uts, mounts)
//! ```
//!
//! The keeper owns what lasts over runs: an empty network namespace and a root with the toolchain, read-only. For each
//! run it forks an init into fresh namespaces, which mounts what is fresh, forks the program and reaps. The program is
//! never pid 1, because a pid 1 ignores signals it sends to itself. When init exits the kernel kills whatever is left
//! in its pid namespace and lets nobody reap init before all of it is gone: that is how a tree is ended, always.
//!
//! Death is contagious downwards: the evaluator's end of the socket closes, so the keeper kills init and removes the
//! cgroups; if the keeper dies, init gets SIGKILL by `PR_SET_PDEATHSIG`. The keeper has none of its own: that signal
//! belongs to the parent's thread, and a box outlives the thread that made it.
//!
//! All are root until the program's last steps. Nothing but numbers written by our own code comes back up.

mod init;
mod program;
mod report;
mod root;

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::pipe::PipeFlags;
use rustix::process::{Signal, WaitId, WaitIdOptions};

use crate::channel::Channel;
use crate::wire::{Answer, Attach, Done, Request, Run, Setup};
use crate::{cgroup, seccomp, sys};
use report::{Fault, Step};

/// Namespaces that every run has for itself.
const RUN_NAMESPACES: i32 =
    libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;

/// Serves a supervisor until it hangs up.
pub(crate) fn main() -> ! {
    // Libraries of the evaluator may have left descriptors open over exec: connections that must end with it.
    let closed = sys::close_range(3, u32::MAX);
    // SAFETY: the supervisor put the socket there, and nothing else uses the descriptor.
    let channel = Channel::from(unsafe { OwnedFd::from_raw_fd(0) });
    if let Err(fault) = closed
        .step("close descriptors")
        .and_then(|()| serve(&channel))
    {
        // The supervisor may be gone already.
        let _ = channel.send(&fault.answer().encode(), &[]);
        sys::exit(1);
    }
    sys::exit(0)
}

fn serve(channel: &Channel) -> Result<(), Fault> {
    let Some((message, fds)) = channel.receive().step("receive the set-up")? else {
        return Ok(());
    };
    let Request::Setup(setup) = Request::decode(&message).step("read the set-up")? else {
        return Err(Fault::new("read the set-up", libc::EPROTO));
    };
    let keeper = Keeper::prepare(setup, fds)?;
    channel.send(&Answer::Ready.encode(), &[]).step("answer")?;
    let served = keeper.serve_runs(channel);
    // Whatever ended the service, no run is alive any more.
    cgroup::remove_box(&keeper.parents, &keeper.group).step("remove the control groups")?;
    served
}

/// A prepared box.
struct Keeper {
    uid: u32,
    root: root::Root,
    filter: Vec<libc::sock_filter>,
    /// Our directory in every cgroup hierarchy, and the name of this box's one in it.
    parents: Vec<OwnedFd>,
    group: String,
}

/// What happened while a run went on.
#[derive(Default)]
struct Attended {
    /// We killed it.
    killed: bool,
    /// The supervisor is gone, so nobody wants an answer.
    hung_up: bool,
}

impl Keeper {
    fn prepare(setup: Setup, parents: Vec<OwnedFd>) -> Result<Keeper, Fault> {
        sys::reset_signals();
        sys::unshare(libc::CLONE_NEWNET).step("unshare the network")?;
        let root = root::Root::prepare(&setup)?;
        program::shed_privileges().step("shed privileges")?;
        Ok(Keeper {
            uid: setup.uid,
            root,
            filter: seccomp::filter(),
            parents,
            group: setup.group,
        })
    }

    fn serve_runs(&self, channel: &Channel) -> Result<(), Fault> {
        while let Some((message, fds)) = channel.receive().step("receive a request")? {
            match Request::decode(&message).step("read a request")? {
                Request::Run(run) => {
                    let mut attended = Attended::default();
                    let answer = match self.run(channel, run, fds, &mut attended) {
                        Ok(done) => Answer::Done(done),
                        Err(fault) => fault.answer(),
                    };
                    if attended.hung_up {
                        return Ok(());
                    }
                    channel.send(&answer.encode(), &[]).step("answer")?;
                }
                // It crossed the answer of a run that had just ended.
                Request::Kill => {}
                Request::Setup(_) => return Err(Fault::new("set up twice", libc::EPROTO)),
            }
        }
        Ok(())
    }

    /// Runs one program; when this returns, nothing of it lives.
    fn run(
        &self,
        channel: &Channel,
        run: Run,
        fds: Vec<OwnedFd>,
        attended: &mut Attended,
    ) -> Result<Done, Fault> {
        for target in &run.targets {
            self.root.make_target(target).step("make a mount point")?;
        }
        let job = Job::new(run, fds)?;
        let (reports, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).step("make a pipe")?;
        // SAFETY: a keeper has one thread.
        let init = match unsafe { sys::fork(RUN_NAMESPACES, None) }.step("fork an init")? {
            sys::Fork::Child => init::main(self, job, write),
            sys::Fork::Parent { pidfd, .. } => pidfd,
        };
        // Whoever reads the program's output must see its end.
        drop((job, write));
        attend(channel, &init, attended).step("wait for a run")?;
        rustix::process::waitid(WaitId::PidFd(init.as_fd()), WaitIdOptions::EXITED)
            .step("reap init")?;
        report::conclude(
            &report::read_all(reports).step("read reports")?,
            attended.killed,
        )
    }
}

/// Waits for init's end, and brings it about when the supervisor says so or is gone.
fn attend(channel: &Channel, init: &OwnedFd, attended: &mut Attended) -> io::Result<()> {
    loop {
        let mut fds = [
            PollFd::new(init, PollFlags::IN),
            PollFd::new(channel, PollFlags::IN),
        ];
        // Once killed it only has to end; the supervisor has nothing more to say.
        let watched = if attended.killed { 1 } else { 2 };
        rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds[..watched], None))?;
        if !fds[0].revents().is_empty() {
            return Ok(());
        }
        let request = channel.receive().ok().flatten();
        let request = request.and_then(|(message, _)| Request::decode(&message).ok());
        attended.hung_up = request != Some(Request::Kill);
        attended.killed = true;
        // It may have ended by itself meanwhile.
        let _ = rustix::process::pidfd_send_signal(init, Signal::KILL);
    }
}

/// A run with everything that its processes need, made before they are forked.
struct Job {
    run: Run,
    command: Option<program::Command>,
    /// Standard input, output and error.
    streams: Vec<OwnedFd>,
    /// Into the control groups.
    doors: Vec<OwnedFd>,
    mounts: Vec<OwnedFd>,
}

impl Job {
    fn new(run: Run, mut fds: Vec<OwnedFd>) -> Result<Job, Fault> {
        let doors = match run.attach {
            Attach::Write(doors) => usize::from(doors),
            Attach::Fork => 1,
        };
        if fds.len() != 3 + doors + run.targets.len() {
            return Err(Fault::new("receive the descriptors of a run", libc::EPROTO));
        }
        let mounts = fds.split_off(3 + doors);
        let doors = fds.split_off(3);
        Ok(Job {
            command: program::Command::new(&run.task).step("read the command")?,
            run,
            streams: fds,
            doors,
            mounts,
        })
    }
}
