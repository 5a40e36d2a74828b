//! How the roles of one installation are started: their command lines, their folders, their environment.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::binaries;
use crate::process::{self, Process};
use crate::service::Service;

/// Leaves an evaluator's users and those of the next one apart.
const UIDS_EACH: u32 = 100_000;
const FIRST_UID: u32 = 1_900_000_000;
/// So that a killed member is missed after seconds.
const QUICK_GROUP: [&str; 4] = [
    "-X",
    "session.timeout.ms=6000",
    "-X",
    "heartbeat.interval.ms=500",
];

/// What all roles of an installation are told.
#[derive(Clone, Debug)]
pub struct Roles {
    /// How the program of a role is found.
    pub program: fn(&str) -> anyhow::Result<Command>,
    /// The cluster.
    pub bootstrap_servers: String,
    /// What its topics are declared for.
    pub profile: &'static str,
    /// The database.
    pub database_url: String,
    /// How long a record waits on a retry topic, whatever the topic's contract says.
    pub retry_delay: Duration,
    /// Caches and logs go here.
    pub folder: PathBuf,
    /// Flags that each of them gets.
    pub flags: Vec<String>,
    /// Variables that each of them gets.
    pub environment: Vec<(String, String)>,
}

impl Roles {
    /// The real binaries on these servers, for one node.
    #[must_use]
    pub fn new(bootstrap_servers: &str, database_url: &str, folder: PathBuf) -> Self {
        Self {
            program: process::command,
            bootstrap_servers: bootstrap_servers.to_owned(),
            profile: "single-node",
            database_url: database_url.to_owned(),
            retry_delay: Duration::from_millis(500),
            folder,
            flags: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Starts an evaluator on the example problems unless `more` names others or a store. `number` tells it from others; started
    /// again with the same number it is the same host with the same cache.
    pub fn evaluator(&self, number: u32, more: &[&str]) -> anyhow::Result<Service> {
        let name = format!("evaluator-{number}");
        let (mut command, http) = self.running("evaluator")?;
        command.args(["--host-name", &name]);
        if !more.contains(&"--languages") {
            // Every language served is tried at the start, and these tests submit in no others.
            command.args(["--languages", "c,cpp,java,python3"]);
        }
        let delay_ms = self.retry_delay.as_millis().to_string();
        command.env("TRIBUNAL_HOOK_RETRY_DELAY_MS", delay_ms);
        if !more.contains(&"--store") && !more.contains(&"--problems") {
            command.arg("--problems").arg(binaries::problems());
        }
        command.arg("--cache-dir").arg(self.folder.join(&name));
        let uid_base = FIRST_UID + number * UIDS_EACH;
        command.args(["--sandbox-uid-base", &uid_base.to_string()]);
        self.start(&name, command, http, more)
    }

    /// Starts a sink or an analytics, which read into the database.
    pub fn reader(&self, binary: &str, name: &str, more: &[&str]) -> anyhow::Result<Service> {
        let (mut command, http) = self.running(binary)?;
        command.args(["--database-url", &self.database_url]);
        self.start(name, command, http, more)
    }

    fn running(&self, binary: &str) -> anyhow::Result<(Command, String)> {
        let http = free_address()?;
        let mut command = (self.program)(binary)?;
        command.args(["run", "--profile", self.profile, "--http", &http]);
        command.args(["--bootstrap-servers", &self.bootstrap_servers]);
        command.args(QUICK_GROUP).args(&self.flags);
        command.envs(self.environment.iter().cloned());
        Ok((command, http))
    }

    fn start(
        &self,
        name: &str,
        mut command: Command,
        http: String,
        more: &[&str],
    ) -> anyhow::Result<Service> {
        command.args(more);
        let process = Process::start(name, command, &self.folder)?;
        Ok(Service::new(process, http))
    }
}

/// An address that nobody listens on now.
fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
