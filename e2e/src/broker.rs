//! A real Apache Kafka for one test: a single KRaft node on free ports, in a temporary folder.
//!
//! The broker belongs to a shell that reads our pipe. Whatever way the test binary ends, the pipe closes,
//! and the shell kills the broker and removes its folder: a `Drop` alone would miss an abort.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};

use crate::binaries;

const SUPERVISOR: &str = include_str!("broker/supervise.sh");
const VERSION: &str = "4.2.0";

/// A broker of our own. Dropping it kills it.
#[derive(Debug)]
pub struct Broker {
    port: u16,
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Broker {
    /// Formats a log folder and starts a broker on it: some five seconds.
    pub fn start() -> anyhow::Result<Self> {
        let [port, controller_port] = free_ports()?;
        Self::start_with(port, controller_port, "", &[])
    }

    /// The same on these ports, with more lines for `server.properties` and more arguments for the formatting of its log folder.
    pub(crate) fn start_with(
        port: u16,
        controller_port: u16,
        settings: &str,
        format_arguments: &[String],
    ) -> anyhow::Result<Self> {
        let jars = binaries::target_folder()?.join("kafka").join(VERSION);
        if !jars.is_dir() {
            bail!(
                "no Apache Kafka in {}: `just prerequisites` fetches it, and so does ./test",
                jars.display()
            );
        }
        let mut child = Command::new("/bin/bash")
            .args(["-c", SUPERVISOR, "kafka-for-tests"])
            .arg(&jars)
            .args([&port.to_string(), &controller_port.to_string(), settings])
            .args(format_arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to start the supervisor of Kafka")?;
        let commands = child.stdin.take();
        let answers = BufReader::new(
            child
                .stdout
                .take()
                .context("the supervisor has no output")?,
        );
        let mut broker = Self {
            port,
            child,
            commands,
            answers,
        };
        broker.answer()?;
        broker.resume()?;
        Ok(broker)
    }

    /// Where clients find it.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Kills it at once, as a crash would.
    pub fn halt(&mut self) -> anyhow::Result<()> {
        self.command("halt")
    }

    /// Starts it again on the same ports and logs.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.command("start")
    }

    fn command(&mut self, command: &str) -> anyhow::Result<()> {
        if let Some(commands) = &mut self.commands {
            writeln!(commands, "{command}")
                .with_context(|| format!("failed to {command} Kafka"))?;
        }
        self.answer()
            .with_context(|| format!("failed to {command} Kafka"))
    }

    fn answer(&mut self) -> anyhow::Result<()> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        match line.trim_end() {
            "ok" => Ok(()),
            "" => bail!("the supervisor of Kafka ended"),
            complaint => bail!("{complaint}"),
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.commands.take();
        // Whether it tidied up is seen by nobody here.
        let _ = self.child.wait();
    }
}

/// So many free ports. Another process could take one before the broker does; then the start fails and says so.
pub(crate) fn free_ports<const COUNT: usize>() -> io::Result<[u16; COUNT]> {
    let mut listeners = Vec::new();
    let mut ports = [0; COUNT];
    for port in &mut ports {
        // Held until all are found, so that they differ.
        let listener = TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}
