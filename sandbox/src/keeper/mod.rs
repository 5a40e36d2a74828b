//! The keeper of one box: a process with one thread that sets the box up once and prepares every run in it.
//!
//! Three processes stand between the evaluator and a program:
//!
//! ```text
//! evaluator ── socket ── keeper                        (box: network, root)
//!     └─────── line ──── init (pid 1) ── program (pid 2) ── its children      (run: pid, ipc, uts, mounts, groups)
//! ```
//!
//! The keeper owns what lasts over runs: an empty network namespace and a root with the toolchain, read-only. For each
//! run it prepares a *place* before anybody asks: fresh control groups, and an init in fresh namespaces, which mounts
//! what is fresh and forks the process that will be the program. That one confines itself and waits. So when a run
//! comes, straight down the line from evaluator to init, little is left to do. A place is used once, whatever becomes
//! of it. The program is never pid 1, because a pid 1 ignores signals it sends to itself.
//!
//! When init exits the kernel kills whatever is left in its pid namespace and lets nobody see init's end before all of
//! it is gone: that is how a tree is ended, always. The evaluator watches for that end, asserts that the control groups
//! are empty, and tells the keeper, which clears the place away: the kernel refuses to remove a group that is not empty,
//! and then the keeper gives the box up. There are two places at most, one in use and the next.
//!
//! Death is contagious downwards: the evaluator's end of the socket closes, so the keeper kills every init and removes the
//! cgroups; if the keeper dies, init gets SIGKILL by `PR_SET_PDEATHSIG`. The keeper has none of its own: that signal
//! belongs to the parent's thread, and a box outlives the thread that made it.
//!
//! All of them share the keeper's memory, until the program is executed: see `sharing.rs`.
//!
//! All are root but the program, from before it waits. Nothing but numbers written by our own code comes back up.

mod heapless;
mod init;
mod place;
mod program;
mod report;
mod root;
mod sharing;
mod usage;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::pipe::PipeFlags;
use rustix::process::PidfdFlags;

use crate::cgroup::{BoxGroup, FreshGroup};
use crate::channel::{Channel, MESSAGE_MAX};
use crate::wire::{Answer, Expected, Request, Setup, Work};
use crate::{cgroup, core, seccomp, sys, user_limit};
use place::Place;
use report::Step;
pub(crate) use report::{Course, Done, Fault, Report};
use sharing::Room;
pub(crate) use usage::Usage;

/// What programs see as the host's name.
const HOST_NAME: &[u8] = b"box";

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
    let mut message = vec![0; MESSAGE_MAX];
    let received = channel.receive_into(&mut message);
    let Some((length, fds)) = received.step("receive the set-up")? else {
        return Ok(());
    };
    let fds: Vec<_> = fds.collect();
    let Request::Setup(setup) = Request::decode(&message[..length]).step("read the set-up")? else {
        return Err(Fault::new("read the set-up", libc::EPROTO));
    };
    drop(message);
    let name = setup.group.clone();
    let mut keeper = Keeper::set_up(setup, &fds)?;
    channel.send(&Answer::Ready.encode(), &[]).step("answer")?;
    let served = keeper.serve_runs(channel);
    // Whatever ended the service, no run is alive any more.
    cgroup::remove_box(&fds, &name).step("remove the control groups")?;
    served
}

/// A box that was set up.
struct Keeper {
    walls: &'static Walls,
    groups: BoxGroup,
    /// Those that nobody is in.
    rooms: Vec<Room>,
    /// Mounts of places that are cleared away. The kernel waits for a while before it takes them apart, so the next init
    /// lets go of them, which has the time.
    old_mounts: Vec<OwnedFd>,
}

/// What stands as long as the box. Inits look at it too.
#[derive(Debug)]
struct Walls {
    uid: u32,
    root: root::Root,
    filter: Vec<libc::sock_filter>,
    /// Whether keeper and init go before programs.
    outranks: bool,
    /// Written when a program is about to be executed.
    begun: (OwnedFd, OwnedFd),
    /// A pidfd of the keeper: by it an init sees whether that is dead.
    keeper: OwnedFd,
}

impl Keeper {
    fn set_up(setup: Setup, parents: &[OwnedFd]) -> Result<Keeper, Fault> {
        sys::reset_signals();
        user_limit::raise();
        // The first look at the clock takes some preparation, which is not for processes that share our memory.
        sys::clock();
        let groups = BoxGroup::open(setup.version, parents, &setup.group)
            .step("open the control groups of a box")?;
        let keeper = rustix::process::pidfd_open(rustix::process::getpid(), PidfdFlags::empty())
            .step("watch the keeper")?;
        sys::unshare(libc::CLONE_NEWNET).step("unshare the network")?;
        // Every run has names of its own, which begin as a copy of ours.
        sys::unshare(libc::CLONE_NEWUTS).step("unshare the host's name")?;
        rustix::system::sethostname(HOST_NAME).step("name the host")?;
        let root = root::Root::prepare(&setup)?;
        program::shed_privileges().step("shed privileges")?;
        let walls = Walls {
            uid: setup.uid,
            root,
            filter: seccomp::filter(),
            outranks: core::outrank_boxes(),
            begun: rustix::pipe::pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)
                .step("make a pipe")?,
            keeper,
        };
        Ok(Keeper {
            // They may be looked at as long as this process lives, and after it.
            walls: Box::leak(Box::new(walls)),
            groups,
            rooms: Vec::new(),
            old_mounts: Vec::new(),
        })
    }

    /// Prepares a place each time the supervisor asks, and clears the oldest away each time it is done with one.
    fn serve_runs(&mut self, channel: &Channel) -> Result<(), Fault> {
        let mut lent = VecDeque::new();
        let served = self.serve_requests(channel, &mut lent);
        // Nobody waits for them any more.
        lent.into_iter()
            .try_for_each(|place| place.end().map(drop))?;
        served
    }

    fn serve_requests(
        &mut self,
        channel: &Channel,
        lent: &mut VecDeque<Place>,
    ) -> Result<(), Fault> {
        let mut clearing = Duration::ZERO;
        while let Some((message, _)) = channel.receive().step("receive a request")? {
            let begun = Instant::now();
            match Request::decode(&message).step("read a request")? {
                Request::Prepare(expected) if lent.len() < cgroup::PLACES => {
                    if let Some(used) = lent.front() {
                        self.let_begin(used).step("wait until a run has begun")?;
                    }
                    let begun = Instant::now();
                    match self.prepare(expected) {
                        Ok((place, line)) => {
                            let work = Work {
                                clearing,
                                preparing: begun.elapsed(),
                            };
                            // It must be known to us whether or not somebody takes it.
                            let handed_over = place.hand_over(channel, &line, work);
                            lent.push_back(place);
                            handed_over.step("answer")?;
                        }
                        Err(fault) => channel.send(&fault.answer().encode(), &[]).step("answer")?,
                    }
                }
                Request::Clear => {
                    if let Some(place) = lent.pop_front() {
                        self.clear(place)?;
                    }
                    clearing = begun.elapsed();
                }
                _ => return Err(Fault::new("follow the supervisor", libc::EPROTO)),
            }
        }
        Ok(())
    }

    /// Forks an init into fresh namespaces and control groups.
    fn prepare(&mut self, expected: Expected) -> Result<(Place, OwnedFd), Fault> {
        let group = self
            .groups
            .make_run(expected)
            .step("make the control groups of a run")?;
        let room = self.rooms.pop().map_or_else(Room::new, Ok);
        let (room, theirs, ours) = match room.and_then(|room| Ok((room, Channel::pair()?))) {
            Ok((room, (theirs, ours))) => (room, theirs, ours),
            Err(error) => {
                self.give_up(group);
                return Err(error).step("make room for a run");
            }
        };
        let old_mounts = std::mem::take(&mut self.old_mounts);
        let birth = init::Birth {
            walls: self.walls,
            group,
            expected,
            room,
            line: theirs.as_fd().as_raw_fd(),
            old_mounts: old_mounts.iter().map(AsRawFd::as_raw_fd).collect(),
        };
        let made = Place::make(birth);
        // The last references are the new init's.
        drop((theirs, old_mounts));
        match made {
            Ok(place) => Ok((place, ours)),
            Err((error, birth)) => {
                let init::Birth { group, room, .. } = *birth;
                self.give_up(group);
                self.rooms.push(room);
                Err(error).step("fork an init")
            }
        }
    }

    /// Removes groups that nobody has entered. What remains is removed with the box.
    fn give_up(&self, group: FreshGroup) {
        let _ = self.groups.remove_run(group);
    }

    /// Takes a place away, and with it everything that was in it.
    fn clear(&mut self, place: Place) -> Result<(), Fault> {
        let (birth, mounts) = place.end()?;
        let init::Birth { group, room, .. } = *birth;
        self.rooms.push(room);
        self.groups
            .remove_run(group)
            .step("remove the control groups of a run")?;
        self.old_mounts.extend(mounts);
        Ok(())
    }

    /// The last steps of a run that begins go first: who waits for its result waits for them.
    fn let_begin(&self, place: &Place) -> io::Result<()> {
        let mut fds = [
            PollFd::new(&self.walls.begun.0, PollFlags::IN),
            PollFd::new(place.init(), PollFlags::IN),
        ];
        rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, None))?;
        // One that died unused has written nothing.
        let _ = rustix::io::read(&self.walls.begun.0, &mut [0; 16]);
        Ok(())
    }
}
