//! One box, seen from the evaluator: its keeper process, its control groups, and the runs in it.

mod places;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags};

use crate::cgroup::{self, BoxGroup};
use crate::channel::{Channel, Descriptors};
use crate::error::Context;
use crate::place::is_ready_within;
use crate::request::{self, Prepared};
use crate::sandbox::Host;
use crate::slot::Slot;
use crate::supervise::{Asked, supervise};
use crate::surroundings::Surroundings;
use crate::wire::{Answer, Expected, Request, Setup, Task};
use crate::{Cancel, CpuMeter, Outcome, Program, SandboxError, core, entry, sys, user_limit};

/// How long a keeper may take to leave after it was told to, with a tree to bury.
const LEAVING: Duration = Duration::from_secs(5);
/// What the first run of a box is expected to need. A wrong guess costs a few system calls.
const FIRST: (u64, u32) = (256 << 20, 64);

/// One sandbox instance; runs at most one program tree at a time.
#[derive(Debug)]
pub struct SandboxBox {
    host: Arc<Host>,
    slot: Slot,
    name: String,
    group: BoxGroup,
    keeper: Child,
    /// Readable when the keeper is dead.
    keeper_end: OwnedFd,
    /// `None` once the box is being left.
    channel: Option<Channel>,
    null: File,
    /// What the place that is being prepared is expected to need; `None` when no place was asked for.
    expected: Option<Expected>,
    damage: Option<String>,
    meter: CpuMeter,
    /// The only processor that its programs may use, if there is one.
    core: Option<usize>,
}

impl SandboxBox {
    pub(crate) fn start(host: Arc<Host>, core: Option<usize>) -> Result<SandboxBox, SandboxError> {
        let slot = Slot::take();
        let name = host.owner.box_name(slot.0);
        let null = File::options()
            .read(true)
            .write(true)
            .open("/dev/null")
            .context("open /dev/null")?;
        let group = host.parents.make_box(&name)?;
        let (channel, theirs) = Channel::pair().context("make a socket pair")?;
        let keeper = entry::start_keeper(theirs).context("start a keeper")?;
        let keeper_end = rustix::process::pidfd_open(Pid::from_child(&keeper), PidfdFlags::empty())
            .context("watch a keeper")?;
        if let Some(core) = core {
            core::pin(Pid::from_child(&keeper), core)
                .context(format!("keep a box on processor {core}"))?;
        }
        let mut started = SandboxBox {
            host,
            slot,
            name,
            group,
            keeper,
            keeper_end,
            channel: Some(channel),
            null,
            expected: None,
            damage: None,
            meter: CpuMeter::default(),
            core,
        };
        started.set_up()?;
        started.ask_for_place(Expected::new(FIRST.0, FIRST.1, false))?;
        Ok(started)
    }

    fn set_up(&self) -> Result<(), SandboxError> {
        let config = &self.host.config;
        let mut toolchain = config.toolchain.clone();
        // A directory before what is shown inside of it.
        toolchain.sort();
        let setup = Request::Setup(Setup {
            version: self.host.parents.version,
            uid: self.uid(),
            toolchain,
            private_locks: !config
                .waived
                .iter()
                .any(|name| name == "private-file-locks"),
            group: self.name.clone(),
        });
        let parents: Vec<_> = self.host.parents.dirs.iter().map(AsFd::as_fd).collect();
        let channel = self.channel()?;
        channel
            .send(&setup.encode(), &parents)
            .context("set up a box")?;
        match receive(channel)?.0 {
            Answer::Ready => Ok(()),
            Answer::Failed { what, errno } => Err(failed(what, errno)),
            Answer::Prepared { .. } => Err(out_of_turn()),
        }
    }

    /// User and group of this box's programs.
    pub(crate) fn uid(&self) -> u32 {
        self.host.config.uid_base + self.slot.0
    }

    /// Whether runs are kept from swapping out what they may not hold.
    pub(crate) fn limits_swap(&self) -> bool {
        self.group.limits_swap()
    }

    /// Runs `program` to its end and blocks until nothing of it is left.
    ///
    /// `Err` is a fault of ours. After one, ask [`SandboxBox::is_damaged`] whether the box is still good.
    pub fn run(&mut self, program: Program, cancel: &Cancel) -> Result<Outcome, SandboxError> {
        let task = request::command(&program)?;
        self.run_task(task, program, cancel)
    }

    /// What shows the CPU time of this box's runs while they go on.
    pub fn cpu_meter(&self) -> CpuMeter {
        self.meter.clone()
    }

    /// Whether this box must be replaced by a new one.
    pub fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    pub(crate) fn run_task(
        &mut self,
        task: Task,
        program: Program,
        cancel: &Cancel,
    ) -> Result<Outcome, SandboxError> {
        if let Some(damage) = &self.damage {
            return Err(SandboxError::Damaged(damage.clone()));
        }
        let asked = sys::clock();
        user_limit::allow(program.limits.processes)?;
        let prepared = Prepared::new(program, task, &self.host.config, self.uid(), &self.null)?;
        let result = self.supervised(prepared, asked, cancel);
        if let Err(SandboxError::Damaged(damage)) = &result {
            self.damage = Some(damage.clone());
            // Nothing of the run may outlive the error, and the keeper takes it along.
            self.leave();
        }
        result
    }

    fn supervised(
        &mut self,
        prepared: Prepared,
        asked: Duration,
        cancel: &Cancel,
    ) -> Result<Outcome, SandboxError> {
        let is_probe = matches!(prepared.run.task, Task::Probe(_));
        let limits = &prepared.limits;
        let next = Expected::new(limits.memory_bytes, limits.processes, is_probe);
        let host = Arc::clone(&self.host);
        let around = Surroundings::look(&host, self.core);
        let (place, work) = self.begin(&prepared, next)?;
        // While this one runs, the keeper prepares the next.
        self.ask_for_place(next)?;
        let asked = Asked { at: asked, work };
        let channel = self.channel()?;
        let meter = &self.meter;
        let result = supervise(channel, place, meter, prepared, asked, around, cancel);
        match result {
            Err(SandboxError::Damaged(_)) => result,
            _ => self.give_back().and(result),
        }
    }

    fn ask(&self, request: &Request) -> Result<(), SandboxError> {
        self.channel()?
            .send(&request.encode(), &[])
            .map_err(|error| SandboxError::Damaged(format!("its keeper is gone: {error}")))
    }

    fn channel(&self) -> Result<&Channel, SandboxError> {
        let left = || SandboxError::Damaged("it was left".to_owned());
        self.channel.as_ref().ok_or_else(left)
    }

    /// Ends the keeper, which ends what runs, and removes the control groups.
    fn leave(&mut self) {
        // The keeper reads the end of its line as "stop".
        if self.channel.take().is_none() {
            return;
        }
        if !is_ready_within(&self.keeper_end, LEAVING) {
            tracing::warn!(group = self.name, "a keeper does not leave; killing it");
            // Init follows a dead keeper.
            let _ = self.keeper.kill();
        }
        let buried = self.keeper.wait();
        let removed = cgroup::remove_box(&self.host.parents.dirs, &self.name);
        if let Err(error) = buried.map(drop).and(removed) {
            tracing::warn!(%error, group = self.name, "failed to clean up after a box");
        }
    }
}

impl Drop for SandboxBox {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Waits for the keeper's next answer.
fn receive(channel: &Channel) -> Result<(Answer, Descriptors), SandboxError> {
    match channel.receive() {
        Ok(Some((message, fds))) => Answer::decode(&message)
            .map(|answer| (answer, fds))
            .context("read the keeper's answer"),
        Ok(None) => Err(SandboxError::Damaged("its keeper is gone".to_owned())),
        Err(error) => Err(SandboxError::Damaged(format!(
            "its keeper is gone: {error}"
        ))),
    }
}

fn out_of_turn() -> SandboxError {
    SandboxError::Damaged("its keeper answers out of turn".to_owned())
}

/// A step that failed on the keeper's side.
pub(crate) fn failed(what: impl Into<String>, errno: i32) -> SandboxError {
    SandboxError::Io {
        what: what.into(),
        cause: io::Error::from_raw_os_error(errno),
    }
}
