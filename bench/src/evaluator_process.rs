//! Evaluators of benchmarks: processes of their own, each this binary started again.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use e2e::eventually::eventually;
use e2e::process::{self, Process};
use evaluator::config::{
    BreakerLimits, LaneConfig, OVERFLOW_AFTER, ProblemSource, RetryTopic, Shares,
};
use kafka::{ClientConfig, GroupProtocol};
use sandbox::SandboxConfig;
use serde::{Deserialize, Serialize};

/// Carries [`Given`] to the process.
const GIVEN: &str = "TRIBUNAL_BENCH_EVALUATOR";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(300);
/// Longest wait for an evaluator that was told to stop.
const STOP: Duration = Duration::from_secs(30);
/// Leaves the users of one evaluator's boxes and those of the next one apart.
const UIDS_EACH: u32 = 1_000;
const FIRST_UID: u32 = 1_950_000_000;

/// What an evaluator's process is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Given {
    /// Where the broker is.
    pub(crate) bootstrap_servers: String,
    /// Where `problems/` is and its cache goes.
    pub(crate) folder: PathBuf,
    /// Tells it from the others of the benchmark.
    pub(crate) number: u32,
    /// Submissions judged at a time.
    pub(crate) slots: usize,
    /// Who computes its groups' assignments, by librdkafka's name.
    pub(crate) group_protocol: String,
}

/// An evaluator's process and the port where it says whether it is ready.
#[derive(Debug, Serialize, Deserialize)]
struct Started {
    given: Given,
    port: u16,
}

/// The evaluator's process, which this binary becomes when it is started again.
pub(crate) fn be_the_evaluator() -> anyhow::Result<()> {
    let started = std::env::var(GIVEN).with_context(|| format!("{GIVEN} is not set"))?;
    let Started { given, port } = serde_json::from_str(&started)?;
    let config = given.config(port)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let stop = service::shutdown::on_signals()?;
        evaluator::run(config, stop).await
    })
}

impl Given {
    /// In the classic group protocol.
    pub(crate) fn new(
        client: &ClientConfig,
        folder: impl Into<PathBuf>,
        number: u32,
        slots: usize,
    ) -> Self {
        Self {
            bootstrap_servers: client.bootstrap_servers.clone(),
            folder: folder.into(),
            number,
            slots,
            group_protocol: client.group_protocol.name().to_owned(),
        }
    }

    /// Its name in verdicts.
    fn host(&self) -> String {
        format!("evaluator-{}", self.number)
    }

    fn config(self, port: u16) -> anyhow::Result<evaluator::Config> {
        let name = self.host();
        let languages = judge::Languages::builtin();
        let group_protocol: GroupProtocol =
            self.group_protocol.parse().map_err(anyhow::Error::msg)?;
        Ok(evaluator::Config {
            client: ClientConfig {
                group_protocol,
                ..ClientConfig::new(self.bootstrap_servers, &name)
            },
            contract: None,
            lanes: LaneConfig::defaults().into(),
            shares: Shares::default(),
            overflow_after: OVERFLOW_AFTER,
            retries: RetryTopic::declared("evaluators.retry"),
            breaker: BreakerLimits::default(),
            slots: self.slots,
            pin: false,
            near_limit: judge::NearLimit::default(),
            grace: Duration::from_secs(10),
            patience: PATIENCE,
            languages: vec!["c".to_owned()],
            problems: ProblemSource::Directory(self.folder.join("problems")),
            cache_dir: self.folder.join(&name),
            package_cache_bytes: 1 << 30,
            http: Some(format!("127.0.0.1:{port}")),
            host: name,
            sandbox: SandboxConfig {
                uid_base: FIRST_UID + self.number * UIDS_EACH,
                ..languages.sandbox_config()
            },
            known_languages: languages,
        })
    }
}

/// A running evaluator; dropping it kills it, and its boxes follow.
pub(crate) struct EvaluatorProcess {
    /// Its name in verdicts.
    pub(crate) host: String,
    process: Process,
    port: u16,
}

impl EvaluatorProcess {
    /// Starts it from the thread whose end ends it.
    pub(crate) fn start(given: Given) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let (host, folder) = (given.host(), given.folder.clone());
        let mut command = process::command("bench")?;
        let started = serde_json::to_string(&Started { given, port })?;
        command.arg("evaluator-process").env(GIVEN, started);
        let process = Process::start(&host, command, &folder)?;
        Ok(Self {
            host,
            process,
            port,
        })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Returns when it takes work.
    pub(crate) async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        self.wait_until("it is ready", |answer| answer.starts_with("HTTP/1.1 200"))
            .await
    }

    /// Returns when what it is asked about its readiness has this answer.
    pub(crate) async fn wait_until(
        &mut self,
        what: &str,
        is_so: impl Fn(&str) -> bool,
    ) -> anyhow::Result<()> {
        let waited = eventually(PATIENCE, what, async || {
            if let Some(status) = self.process.ended()? {
                anyhow::bail!("the evaluator ended with {status}");
            }
            let answer = self.readiness().unwrap_or_default();
            Ok(is_so(&answer).then_some(()))
        });
        let waited = waited.await;
        waited.map_err(|error| error.context(self.process.last_words()))
    }

    /// Ends it in order, so that a next one finds nothing that may have killed it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.process.stop(STOP).await
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill()
    }

    fn readiness(&self) -> std::io::Result<String> {
        use std::io::{Read, Write};
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream
            .write_all(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
