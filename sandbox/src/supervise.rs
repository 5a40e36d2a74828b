//! Watches one run: its output, its clocks, its caller's cancel, and its keeper.
//!
//! Everything happens on the caller's thread, in one `poll`. A limit that is passed has init killed and is noted as the
//! cause; the run is over only when init's end is seen, because only then is the whole tree gone.

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::boxed::failed;
use crate::channel::Channel;
use crate::error::Context;
use crate::keeper::Done;
use crate::place::Place;
use crate::request::Prepared;
use crate::stream::Stream;
use crate::surroundings::Surroundings;
use crate::wire::Work;
use crate::{Cancel, Conditions, CpuMeter, Ending, Limits, Outcome, Phases, SandboxError, sys};

/// Shortest and longest time between two looks at the accounts: the CPU limit is watched by the first where it is near,
/// memory, whose limit the kernel holds, by the second.
const LOOKS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));
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
        next_look: sent + LOOKS.0,
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
        for pipe in [self.stdout.pipe(), self.stderr.pipe()]
            .into_iter()
            .flatten()
        {
            fds.push(PollFd::new(pipe, PollFlags::IN));
        }
        let timeout = until.saturating_sub(sys::clock());
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
        // It cannot use more than all processors at once.
        let at_once = self.surroundings.processors().min(self.limits.processes);
        let soonest = left / at_once.max(1);
        self.next_look = now + soonest.clamp(LOOKS.0, LOOKS.1);
        Ok(None)
    }

    fn conclude(mut self) -> Result<Outcome, SandboxError> {
        let gone = sys::clock();
        self.drain()?;
        self.place.listen().context("read the reports of a run")?;
        self.assert_empty()?;
        let cpu = self.cpu()?;
        let (ending, ended) = self.ending(cpu)?;
        let (began, ended) = self.lifetime(ended, gone);
        let memory_peak_bytes = self
            .place
            .group
            .memory_peak()
            .context("read the memory account")?;
        let (now, by_the_clock) = (Instant::now(), sys::clock());
        let Work {
            clearing,
            preparing,
        } = self.asked.work;
        Ok(Outcome {
            ending,
            cpu,
            wall: ended - began,
            memory_peak_bytes,
            conditions: self.conditions(ended - began, cpu),
            ended: now - (by_the_clock - ended),
            phases: Phases {
                clearing,
                preparing,
                asking: self.sent - self.asked.at,
                starting: began.saturating_sub(self.sent),
                running: ended - began,
                ending: gone - ended,
                accounting: by_the_clock - gone,
            },
            stdout: self.stdout.into_kept(),
            stderr: self.stderr.into_kept(),
        })
    }

    fn conditions(&self, wall: Duration, cpu: Duration) -> Conditions {
        let usage = self.place.course.usage();
        let (throttling, stolen) = self.surroundings.changes();
        let ready = usage.ready.min(wall);
        Conditions {
            ready,
            idle: wall.saturating_sub(cpu + ready),
            voluntary_switches: usage.voluntary_switches,
            involuntary_switches: usage.involuntary_switches,
            throttled_periods: throttling.periods,
            throttled: throttling.time,
            stolen,
        }
    }

    /// Init's end proves it already; a tree that escaped its namespace would still be counted here.
    fn assert_empty(&self) -> Result<(), SandboxError> {
        match self.place.group.population() {
            Ok(0) => Ok(()),
            Ok(left) => Err(SandboxError::Damaged(format!(
                "a run left {left} processes in its control group"
            ))),
            Err(error) => Err(SandboxError::Damaged(format!(
                "the control group of a run cannot be read: {error}"
            ))),
        }
    }

    /// When the program began and ended. One that we killed lived until nothing of it was left.
    fn lifetime(&self, ended: Option<Duration>, gone: Duration) -> (Duration, Duration) {
        let began = self.place.course.began.map_or(gone, |(at, _)| at);
        let ended = ended.filter(|_| self.stopped.is_none()).unwrap_or(gone);
        (began, ended.max(began))
    }

    /// Our own cancel goes first, then what the kernel counted, then what we acted upon. Also when it ended, if by itself.
    fn ending(&self, cpu: Duration) -> Result<(Ending, Option<Duration>), SandboxError> {
        let cause = self.stopped.map(|(cause, _)| cause);
        if cause == Some(Ending::Cancelled) {
            return Ok((Ending::Cancelled, None));
        }
        let memory = self
            .place
            .group
            .out_of_memory()
            .context("read the memory account")?;
        if memory.kills > 0 {
            return match memory.limit_reached {
                true => Ok((Ending::MemoryLimit, None)),
                false => Err(failed(
                    "run a program: the host is out of memory".to_owned(),
                    libc::ENOMEM,
                )),
            };
        }
        let done = self.place.course.conclude();
        let done = done.map_err(|fault| failed(fault.what, fault.errno))?;
        if cause.is_none() && done == Done::Killed {
            let why = "a run was killed without a reason";
            return Err(SandboxError::Damaged(why.to_owned()));
        }
        let Some((began, _)) = self.place.course.began else {
            return Err(failed(
                "start a program in time".to_owned(),
                libc::ETIMEDOUT,
            ));
        };
        let ending = match (cause, done) {
            // It ended by itself in time, while our kill was on its way.
            (Some(Ending::WallLimit), Done::Ended { at, status })
                if at < began + self.limits.wall && !was_killed(status) =>
            {
                self.natural_ending(status, cpu)
            }
            (Some(cause), _) => cause,
            (None, Done::Ended { status, .. }) => self.natural_ending(status, cpu),
            (None, Done::ExecFailed { errno }) => Ending::ExecFailed(errno),
            // Of us, for no cause: refused above.
            (None, Done::Killed) => Ending::Signaled(libc::SIGKILL),
        };
        let ended = match done {
            Done::Ended { at, .. } => Some(at),
            _ => None,
        };
        Ok((ending, ended))
    }

    fn natural_ending(&self, status: i32, cpu: Duration) -> Ending {
        if self.stdout.passed_its_cap() || self.stderr.passed_its_cap() {
            return Ending::OutputLimit;
        }
        if cpu > self.limits.cpu {
            return Ending::CpuLimit;
        }
        if !libc::WIFSIGNALED(status) {
            return Ending::Exited(libc::WEXITSTATUS(status));
        }
        match libc::WTERMSIG(status) {
            libc::SIGXFSZ => Ending::OutputLimit,
            signal => Ending::Signaled(signal),
        }
    }
}

fn was_killed(status: i32) -> bool {
    libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGKILL
}
