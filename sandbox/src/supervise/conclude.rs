//! What a watched run amounts to, once nothing of it is left: how it ended, when, and what it used.

use std::time::{Duration, Instant};

use super::Watch;
use crate::boxed::failed;
use crate::error::Context;
use crate::keeper::Done;
use crate::wire::Work;
use crate::{Conditions, Ending, Outcome, Phases, SandboxError, sys, user_limit};

impl Watch<'_> {
    pub(super) fn conclude(mut self) -> Result<Outcome, SandboxError> {
        let gone = sys::clock();
        self.drain()?;
        self.place.listen().context("read the reports of a run")?;
        self.assert_empty()?;
        let cpu = self.cpu()?;
        let (ending, ended) = self.ending(cpu)?;
        if ending != Ending::Cancelled {
            self.assert_forks_were_granted(ending)?;
        }
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
            written_bytes: self.place.course.usage().written_bytes,
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

    /// A program that was refused a fork which its own limit allowed did not get what it may have, and what it did then,
    /// right or wrong, says nothing of it.
    fn assert_forks_were_granted(&self, ending: Ending) -> Result<(), SandboxError> {
        let group = &self.place.group;
        let refused = group
            .was_refused_from_above()
            .context("read the account of processes")?;
        let crowded = || ending != Ending::Exited(0) && user_limit::was_in_the_way(group.peak());
        if !refused && !self.surroundings.has_refused_forks() && !crowded() {
            return Ok(());
        }
        Err(failed(
            format!(
                "give a program the processes it may have: {} is in the way",
                self.surroundings.narrowest()
            ),
            libc::EAGAIN,
        ))
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
