//! A real binary that runs beside the test, and never longer than the test.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::binaries::binary;
use crate::eventually::eventually;

/// One of our binaries, ready to be started with these arguments.
///
/// `setpriv` lets the kernel kill it when the thread that started it ends, however it ends. It sees nothing of our
/// environment but the path.
pub fn command(name: &str) -> anyhow::Result<Command> {
    Ok(bound_command(&binary(name)?))
}

/// The same for any program.
#[must_use]
pub fn bound_command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL"])
        .arg(program)
        .env_clear()
        .env("RUST_LOG", "info")
        .stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// A running service with its log in a file.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts it; what it prints goes to `<name>.log` in the folder.
    pub fn start(name: &str, mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        let child = command
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("failed to start {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
            ended: None,
        })
    }

    /// Everything it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// The last lines of its log, for messages about failures.
    #[must_use]
    pub fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself, and how.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Whether its end was noticed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// SIGKILL: no handler runs, nothing is tidied up. Returns when it is gone.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if self.ended()?.is_none() {
            self.child.kill()?;
            self.ended = Some(self.child.wait()?);
        }
        Ok(())
    }

    /// SIGTERM: asks it to end.
    pub fn terminate(&self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)
    }

    /// SIGSTOP: it is there and does nothing, as on a host that hangs.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT: it goes on where it was.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).with_context(|| format!("failed to signal {}", self.name))
    }

    /// Waits until it has ended, but not for ever.
    pub async fn wait(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let name = self.name.clone();
        eventually(limit, &format!("{name} ends"), async || self.ended()).await
    }

    /// Asks it to end and insists that it does so with exit status 0.
    pub async fn stop(&mut self, limit: Duration) -> anyhow::Result<()> {
        self.terminate()?;
        let status = self.wait(limit).await?;
        if !status.success() {
            bail!(
                "{} ended with {status} (signal {:?}):\n{}",
                self.name,
                status.signal(),
                self.last_words()
            );
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is gone already is as good.
        let _ = self.kill();
        if std::thread::panicking() {
            let folder = self.log.display();
            let words = self.last_words();
            crate::report(&format!(
                "--- last words of {} ({folder})\n{words}\n",
                self.name
            ));
        }
    }
}
