//! Watches one run: its output, its clocks, its caller's cancel, and its keeper.
//!
//! Everything happens on the caller's thread, in one `poll`. A limit that is passed asks the keeper for a kill and is
//! noted as the cause; the run is over only when the keeper says so, because only then is the whole tree gone.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::boxed::{failed, receive};
use crate::cgroup::RunGroup;
use crate::channel::Channel;
use crate::error::Context;
use crate::request::Prepared;
use crate::stream::Stream;
use crate::wire::{Answer, Done, Request};
use crate::{Cancel, Conditions, CpuMeter, Ending, Limits, Outcome, SandboxError};

/// Shortest and longest time between two looks at the accounts.
const LOOKS: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(20));
/// How long a killed tree may take to die before the box is given up.
const DYING: Duration = Duration::from_secs(10);

/// Runs what was prepared; when it returns without damage, nothing of it lives.
pub(crate) fn supervise(
    channel: &Channel,
    group: &RunGroup<'_>,
    meter: &CpuMeter,
    prepared: Prepared,
    cancel: &Cancel,
) -> Result<Outcome, SandboxError> {
    let Prepared {
        mut run,
        limits,
        stdout,
        stderr,
        streams,
        mounts,
    } = prepared;
    let (attach, doors) = group.doors();
    run.attach = attach;
    let fds: Vec<BorrowedFd<'_>> = streams
        .iter()
        .map(AsFd::as_fd)
        .chain(doors)
        .chain(mounts.iter().map(AsFd::as_fd))
        .collect();
    send(channel, &Request::Run(run), &fds)?;
    // The other end of an interactive run must see when the program has closed its own.
    drop((streams, mounts));
    let began = Instant::now();
    meter.show(Duration::ZERO);
    let mut watch = Watch {
        channel,
        group,
        meter,
        limits: &limits,
        cancel,
        stdout,
        stderr,
        began,
        next_look: began + LOOKS.0,
        stopped: None,
    };
    // Whatever fails while the run goes on leaves it in an unknown state, and its answer on the line.
    let over = watch
        .until_over()
        .map_err(|error| SandboxError::Damaged(error.to_string()))?;
    let ended = Instant::now();
    match over {
        Answer::Done(done) => watch.conclude(done, ended),
        Answer::Failed { what, errno } => Err(failed(what, errno)),
        Answer::Ready => Err(SandboxError::Damaged(
            "its keeper answers out of turn".to_owned(),
        )),
    }
}

struct Watch<'a> {
    channel: &'a Channel,
    group: &'a RunGroup<'a>,
    meter: &'a CpuMeter,
    limits: &'a Limits,
    cancel: &'a Cancel,
    stdout: Stream,
    stderr: Stream,
    began: Instant,
    next_look: Instant,
    /// Why and when we asked for the kill.
    stopped: Option<(Ending, Instant)>,
}

/// What `poll` found.
struct Ready {
    keeper: bool,
    cancelled: bool,
    output: bool,
}

impl Watch<'_> {
    fn until_over(&mut self) -> Result<Answer, SandboxError> {
        loop {
            let ready = self.wait().context("wait for a run")?;
            if ready.output {
                self.drain()?;
            }
            if ready.keeper {
                return receive(self.channel);
            }
            match self.stopped {
                None => {
                    if let Some(cause) = self.find_cause(ready.cancelled)? {
                        self.stop(cause)?;
                    }
                }
                Some((_, when)) if when.elapsed() > DYING => {
                    return Err(SandboxError::Damaged(
                        "a killed run does not die".to_owned(),
                    ));
                }
                Some(_) => {}
            }
        }
    }

    /// Sleeps until something happens or a clock has to be looked at.
    fn wait(&self) -> io::Result<Ready> {
        let mut fds = vec![PollFd::new(self.channel, PollFlags::IN)];
        let until = match self.stopped {
            Some((_, when)) => when + DYING,
            None => {
                fds.push(PollFd::new(self.cancel, PollFlags::IN));
                self.next_look.min(self.began + self.limits.wall)
            }
        };
        let fixed = fds.len();
        for pipe in [self.stdout.pipe(), self.stderr.pipe()]
            .into_iter()
            .flatten()
        {
            fds.push(PollFd::new(pipe, PollFlags::IN));
        }
        let timeout = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        match rustix::event::poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
        Ok(Ready {
            keeper: is_ready(&fds[0]),
            cancelled: fixed == 2 && is_ready(&fds[1]),
            output: fds[fixed..].iter().any(is_ready),
        })
    }

    fn drain(&mut self) -> Result<(), SandboxError> {
        self.stdout.drain().context("read standard output")?;
        self.stderr.drain().context("read standard error")
    }

    /// The limit that was passed, if any.
    fn find_cause(&mut self, cancelled: bool) -> Result<Option<Ending>, SandboxError> {
        if cancelled {
            return Ok(Some(Ending::Cancelled));
        }
        if self.stdout.passed_its_cap() || self.stderr.passed_its_cap() {
            return Ok(Some(Ending::OutputLimit));
        }
        let now = Instant::now();
        if now >= self.began + self.limits.wall {
            return Ok(Some(Ending::WallLimit));
        }
        if now < self.next_look {
            return Ok(None);
        }
        let used = self.group.cpu().context("read the CPU account")?;
        self.meter.show(used);
        let Some(left) = self.limits.cpu.checked_sub(used) else {
            return Ok(Some(Ending::CpuLimit));
        };
        let memory = self
            .group
            .out_of_memory()
            .context("read the memory account")?;
        if memory.kills > 0 {
            return Ok(Some(Ending::MemoryLimit));
        }
        // It cannot use more than all processors at once.
        let soonest = left / processors().min(self.limits.processes);
        self.next_look = now + soonest.clamp(LOOKS.0, LOOKS.1);
        Ok(None)
    }

    fn stop(&mut self, cause: Ending) -> Result<(), SandboxError> {
        self.group.kill();
        self.stopped = Some((cause, Instant::now()));
        send(self.channel, &Request::Kill, &[])
    }

    fn conclude(mut self, done: Done, ended: Instant) -> Result<Outcome, SandboxError> {
        let clock = ended - self.began;
        self.drain()?;
        let cpu = self.group.cpu().context("read the CPU account")?;
        let cause = self.stopped.map(|(cause, _)| cause);
        Ok(Outcome {
            ending: self.ending(cause, done, cpu)?,
            cpu,
            wall: match (cause, done) {
                (None, Done::Ended { wall_ns, .. }) => Duration::from_nanos(wall_ns),
                // By the clock that the limit was held against; it began a little before the program.
                _ => clock,
            },
            memory_peak_bytes: self
                .group
                .memory_peak()
                .context("read the memory account")?,
            conditions: Conditions::default(),
            ended,
            stdout: self.stdout.into_kept(),
            stderr: self.stderr.into_kept(),
        })
    }

    /// Our own cancel goes first, then what the kernel counted, then what we acted upon.
    fn ending(
        &self,
        cause: Option<Ending>,
        done: Done,
        cpu: Duration,
    ) -> Result<Ending, SandboxError> {
        if cause == Some(Ending::Cancelled) {
            return Ok(Ending::Cancelled);
        }
        let memory = self
            .group
            .out_of_memory()
            .context("read the memory account")?;
        if memory.kills > 0 {
            return match memory.limit_reached {
                true => Ok(Ending::MemoryLimit),
                false => Err(failed(
                    "run a program: the host is out of memory".to_owned(),
                    libc::ENOMEM,
                )),
            };
        }
        match (cause, done) {
            // It ended by itself in time, while our kill was on its way.
            (Some(Ending::WallLimit), Done::Ended { wall_ns, status })
                if Duration::from_nanos(wall_ns) < self.limits.wall && !was_killed(status) =>
            {
                Ok(self.natural_ending(status, cpu))
            }
            (Some(Ending::WallLimit), Done::Killed { began: false }) => Err(failed(
                "start a program within its wall limit".to_owned(),
                libc::ETIMEDOUT,
            )),
            (Some(cause), _) => Ok(cause),
            (None, Done::Ended { status, .. }) => Ok(self.natural_ending(status, cpu)),
            (None, Done::ExecFailed { errno }) => Ok(Ending::ExecFailed(errno)),
            (None, Done::Killed { .. }) => Err(SandboxError::Damaged(
                "a run was killed without a reason".to_owned(),
            )),
        }
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

/// Asked once: the answer takes a walk through the control groups.
fn processors() -> u32 {
    static COUNT: OnceLock<u32> = OnceLock::new();
    let count = || std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    *COUNT.get_or_init(count)
}

fn send(channel: &Channel, request: &Request, fds: &[BorrowedFd<'_>]) -> Result<(), SandboxError> {
    channel
        .send(&request.encode(), fds)
        .map_err(|error| match error.kind() {
            io::ErrorKind::ArgumentListTooLong => {
                SandboxError::Request("arguments and environment are too long".to_owned())
            }
            _ => SandboxError::Damaged(format!("its keeper is gone: {error}")),
        })
}
