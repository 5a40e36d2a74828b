//! Watches one run: its output, its clocks, its caller's cancel, and its keeper.
//!
//! Everything happens on the caller's thread, in one `poll`. A limit that is passed has init killed and is noted as the
//! cause; the run is over only when init's end is seen, because only then is the whole tree gone.

mod conclude;

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::channel::Channel;
use crate::error::Context;
use crate::place::Place;
use crate::request::Prepared;
use crate::stream::Stream;
use crate::surroundings::Surroundings;
use crate::wire::Work;
use crate::{Cancel, CpuMeter, Ending, Limits, Outcome, SandboxError, sys};

/// Shortest and longest time between two looks at the accounts: the CPU limit is watched by the first where it is near,
/// memory, whose limit the kernel holds, by the second.
const LOOKS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));
/// So long nobody reads what a run writes: until then it fits into the pipe or waits there, and a run that is over sooner is
/// not interrupted by its reader.
const QUIET: Duration = Duration::from_millis(2);
/// How long init may take to kill and bury a tree before it is killed with it: then nobody can say what was used.
const BURYING: Duration = Duration::from_millis(500);
/// How long a killed tree may take to die before the box is given up.
const DYING: Duration = Duration::from_secs(10);
/// How long our own steps may take before the program is executed.
const STARTING: Duration = Duration::from_secs(10);

/// What went on before the run began.
pub(crate) struct Asked {
    /// When, by the monotonic clock.
    pub(crate) at: Duration,
    /// The keeper's part.
    pub(crate) work: Work,
}

/// Watches what has begun in a place; when it returns without damage, nothing of it lives.
pub(crate) fn supervise(
    keeper: &Channel,
    place: Place,
    meter: &CpuMeter,
    prepared: Prepared,
    asked: Asked,
    surroundings: Surroundings<'_>,
    cancel: &Cancel,
) -> Result<Outcome, SandboxError> {
    let sent = sys::clock();
    let Prepared {
        limits,
        stdout,
        stderr,
        streams,
        mounts,
        ..
    } = prepared;
    // The other end of an interactive run must see when the program has closed its own.
    drop((streams, mounts));
    meter.show(Duration::ZERO);
    let next_look = sent + time_to_look(limits.cpu, &limits, &surroundings);
    let mut watch = Watch {
        keeper,
        place,
        meter,
        limits: &limits,
        cancel,
        stdout,
        stderr,
        asked,
        surroundings,
        sent,
        next_look,
        stopped: None,
    };
    // Whatever fails while the run goes on leaves it in an unknown state.
    watch
        .until_over()
        .map_err(|error| SandboxError::Damaged(error.to_string()))?;
    watch.conclude()
}

struct Watch<'a> {
    keeper: &'a Channel,
    place: Place,
    meter: &'a CpuMeter,
    limits: &'a Limits,
    cancel: &'a Cancel,
    stdout: Stream,
    stderr: Stream,
    asked: Asked,
    surroundings: Surroundings<'a>,
    // All times are the monotonic clock's.
    sent: Duration,
    next_look: Duration,
    /// Why and when we killed it.
    stopped: Option<(Ending, Duration)>,
}

/// What `poll` found.
struct Ready {
    over: bool,
    keeper_gone: bool,
    cancelled: bool,
    output: bool,
}

impl Watch<'_> {
    fn until_over(&mut self) -> Result<(), SandboxError> {
        loop {
            let ready = self.wait().context("wait for a run")?;
            if ready.output {
                self.drain()?;
            }
            // Before its end: init dies of it.
            if ready.keeper_gone {
                return Err(SandboxError::Damaged("its keeper is gone".to_owned()));
            }
            if ready.over {
                return Ok(());
            }
            match self.stopped {
                None => {
                    if let Some(cause) = self.find_cause(ready.cancelled)? {
                        self.place.end();
                        self.stopped = Some((cause, sys::clock()));
                    }
                }
                Some((_, when)) if sys::clock() > when + DYING => {
                    return Err(SandboxError::Damaged(
                        "a killed run does not die".to_owned(),
                    ));
                }
                Some((_, when)) if sys::clock() > when + BURYING => self.place.kill(),
                Some(_) => {}
            }
        }
    }

    /// Sleeps until something happens or a clock has to be looked at.
    fn wait(&self) -> io::Result<Ready> {
        let mut fds = vec![
            PollFd::new(self.place.init(), PollFlags::IN),
            // It has nothing to say before the run is over.
            PollFd::new(self.keeper, PollFlags::empty()),
        ];
        let until = match self.stopped {
            Some((_, when)) if sys::clock() <= when + BURYING => when + BURYING,
            Some((_, when)) => when + DYING,
            None => {
                fds.push(PollFd::new(self.cancel, PollFlags::IN));
                self.next_look.min(self.deadline())
            }
        };
        let fixed = fds.len();
        let now = sys::clock();
        let quiet_until = self.sent + QUIET;
        let until = if now < quiet_until {
            until.min(quiet_until)
        } else {
            let pipes = [self.stdout.pipe(), self.stderr.pipe()];
            let pipes = pipes.into_iter().flatten();
            fds.extend(pipes.map(|pipe| PollFd::new(pipe, PollFlags::IN)));
            until
        };
        let timeout = until.saturating_sub(now);
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        match rustix::event::poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
        Ok(Ready {
            over: is_ready(&fds[0]),
            keeper_gone: is_ready(&fds[1]),
            cancelled: fixed == 3 && is_ready(&fds[2]),
            output: fds[fixed..].iter().any(is_ready),
        })
    }

    /// The wall limit counts from exec: what goes before is our own time.
    fn deadline(&self) -> Duration {
        match self.place.course.began {
            Some((began, _)) => began + self.limits.wall,
            None => self.sent + STARTING,
        }
    }

    fn drain(&mut self) -> Result<(), SandboxError> {
        self.stdout.drain().context("read standard output")?;
        self.stderr.drain().context("read standard error")
    }

    /// CPU time of the tree, without what our own steps used before exec.
    fn cpu(&self) -> Result<Duration, SandboxError> {
        let used = self.place.group.cpu().context("read the CPU account")?;
        let ours = self.place.course.began.map_or(used, |(_, cpu)| cpu);
        Ok(used.saturating_sub(ours))
    }

    /// The limit that was passed, if any.
    fn find_cause(&mut self, cancelled: bool) -> Result<Option<Ending>, SandboxError> {
        if cancelled {
            return Ok(Some(Ending::Cancelled));
        }
        if self.stdout.passed_its_cap() || self.stderr.passed_its_cap() {
            return Ok(Some(Ending::OutputLimit));
        }
        if self.place.course.began.is_none() {
            self.place.listen().context("read the reports of a run")?;
        }
        let now = sys::clock();
        if now >= self.deadline() {
            return Ok(Some(Ending::WallLimit));
        }
        if now < self.next_look {
            return Ok(None);
        }
        let used = self.cpu()?;
        self.meter.show(used);
        let Some(left) = self.limits.cpu.checked_sub(used) else {
            return Ok(Some(Ending::CpuLimit));
        };
        let memory = self
            .place
            .group
            .out_of_memory()
            .context("read the memory account")?;
        if memory.kills > 0 {
            return Ok(Some(Ending::MemoryLimit));
        }
        self.next_look = now + time_to_look(left, self.limits, &self.surroundings);
        Ok(None)
    }
}

/// How long nobody need look at the accounts, with so much CPU time left: a run cannot use more than all processors at once.
fn time_to_look(left: Duration, limits: &Limits, surroundings: &Surroundings<'_>) -> Duration {
    let at_once = surroundings.processors().min(limits.processes);
    (left / at_once.max(1)).clamp(LOOKS.0, LOOKS.1)
}
