//! A real Apache Kafka for one test: a single KRaft node on free ports, in a temporary folder.
//!
//! The broker belongs to a shell that reads our pipe. Whatever way the test binary ends, the pipe closes,
//! and the shell kills the broker and removes its folder: a `Drop` alone would miss an abort.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail};

use crate::binaries;

const SUPERVISOR: &str = include_str!("broker/supervise.sh");
const VERSION: &str = "4.2.0";

/// What a broker is started with.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where clients find it.
    pub port: u16,
    /// Where controllers find each other.
    pub controller_port: u16,
    /// More lines for `server.properties`, which win over ours.
    pub settings: String,
    /// More arguments for the formatting of its log folder.
    pub format_arguments: Vec<String>,
    /// The cluster that it belongs to: one of its own if none is named.
    pub cluster_id: Option<String>,
    /// The largest heap it may use, in MiB.
    pub heap_mib: u32,
}

impl Node {
    /// A cluster of one, on these ports.
    #[must_use]
    pub fn alone(port: u16, controller_port: u16) -> Self {
        Self {
            port,
            controller_port,
            settings: String::new(),
            format_arguments: Vec::new(),
            cluster_id: None,
            heap_mib: 450,
        }
    }
}

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
        Self::with_settings("")
    }

    /// The same with more lines for `server.properties`.
    pub fn with_settings(settings: &str) -> anyhow::Result<Self> {
        let [port, controller_port] = free_ports()?;
        let settings = settings.to_owned();
        Self::start_node(&Node {
            settings,
            ..Node::alone(port, controller_port)
        })
    }

    /// Lets the clients with this id read so many bytes a second, by Kafka's own tool: librdkafka cannot ask for it.
    pub fn limit_reading(&self, client_id: &str, bytes_per_second: u32) -> anyhow::Result<()> {
        let done = Command::new("java")
            .arg("-cp")
            .arg(format!("{}/*", jars()?.display()))
            .args(["kafka.admin.ConfigCommand", "--bootstrap-server"])
            .arg(self.bootstrap_servers())
            .args(["--alter", "--entity-type", "clients", "--entity-name"])
            .arg(client_id)
            .args(["--add-config"])
            .arg(format!("consumer_byte_rate={bytes_per_second}"))
            .output()
            .context("failed to start Kafka's tool for settings")?;
        if !done.status.success() {
            bail!(
                "no quota for {client_id}: {}{}",
                String::from_utf8_lossy(&done.stdout),
                String::from_utf8_lossy(&done.stderr)
            );
        }
        Ok(())
    }

    /// The same with everything chosen. One of several waits until most of them run: start them side by side.
    pub fn start_node(node: &Node) -> anyhow::Result<Self> {
        let jars = jars()?;
        let mut child = Command::new("/bin/bash")
            .args(["-c", SUPERVISOR, "kafka-for-tests"])
            .arg(&jars)
            .args([
                &node.heap_mib.to_string(),
                node.cluster_id.as_deref().unwrap_or_default(),
                &node.port.to_string(),
                &node.controller_port.to_string(),
                &node.settings,
            ])
            .args(&node.format_arguments)
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
            port: node.port,
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

    /// Stops it (SIGSTOP) as a host does that hangs: its connections stay, nothing answers.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.command("freeze")
    }

    /// Lets it go on after that.
    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.command("thaw")
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

/// Where Kafka is.
fn jars() -> anyhow::Result<PathBuf> {
    let jars = binaries::target_folder()?.join("kafka").join(VERSION);
    if !jars.is_dir() {
        bail!(
            "no Apache Kafka in {}: `just prerequisites` fetches it, and so does ./test",
            jars.display()
        );
    }
    Ok(jars)
}

/// So many free ports. Another process could take one before the broker does; then the start fails and says so.
pub fn free_ports<const COUNT: usize>() -> io::Result<[u16; COUNT]> {
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
