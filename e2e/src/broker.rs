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
        let jars = binaries::target_folder()?.join("kafka").join(VERSION);
        if !jars.is_dir() {
            bail!(
                "no Apache Kafka in {}: `just prerequisites` fetches it, and so does ./test",
                jars.display()
            );
        }
        let [port, controller_port] = free_ports()?;
        let mut child = Command::new("/bin/bash")
            .args(["-c", SUPERVISOR, "kafka-for-tests"])
            .arg(&jars)
            .args([port.to_string(), controller_port.to_string()])
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

/// Two free ports. Another process could take one before the broker does; then the start fails and says so.
fn free_ports() -> io::Result<[u16; 2]> {
    let listeners = [
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    ];
    Ok([
        listeners[0].local_addr()?.port(),
        listeners[1].local_addr()?.port(),
    ])
}
