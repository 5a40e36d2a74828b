//! Evaluators of benchmarks: processes of their own, each this binary started again.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use evaluator::config::{
    BreakerLimits, LaneConfig, OVERFLOW_AFTER, ProblemSource, RetryTopic, Shares,
};
use kafka::ClientConfig;
use sandbox::SandboxConfig;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Carries [`Given`] to the process.
const GIVEN: &str = "TRIBUNAL_BENCH_EVALUATOR";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(300);
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
    /// Where it says whether it is ready.
    pub(crate) port: u16,
}

/// The evaluator's process, which this binary becomes when it is started again.
pub(crate) fn be_the_evaluator() -> anyhow::Result<()> {
    let given = std::env::var(GIVEN).with_context(|| format!("{GIVEN} is not set"))?;
    let config = serde_json::from_str::<Given>(&given)?.config();
    tokio::runtime::Runtime::new()?.block_on(evaluator::run(config, CancellationToken::new()))
}

impl Given {
    fn config(self) -> evaluator::Config {
        let name = format!("evaluator-{}", self.number);
        let languages = judge::Languages::builtin();
        evaluator::Config {
            client: ClientConfig::new(self.bootstrap_servers, &name),
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
            http: Some(format!("127.0.0.1:{}", self.port)),
            host: name,
            sandbox: SandboxConfig {
                uid_base: FIRST_UID + self.number * UIDS_EACH,
                ..languages.sandbox_config()
            },
            known_languages: languages,
        }
    }
}

/// A running evaluator; dropping it kills it, and its boxes follow.
pub(crate) struct EvaluatorProcess {
    child: Child,
    port: u16,
}

impl EvaluatorProcess {
    pub(crate) fn start(
        bootstrap_servers: &str,
        folder: &Path,
        number: u32,
        slots: usize,
    ) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let given = Given {
            bootstrap_servers: bootstrap_servers.to_owned(),
            folder: folder.to_owned(),
            number,
            slots,
            port,
        };
        let child = Command::new(std::env::current_exe()?)
            .arg("evaluator-process")
            .env(GIVEN, serde_json::to_string(&given)?)
            .spawn()
            .context("failed to start the evaluator")?;
        Ok(Self { child, port })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns when it takes work.
    pub(crate) async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while !self.is_ready().unwrap_or(false) {
            ensure!(Instant::now() < until, "the evaluator is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn is_ready(&self) -> std::io::Result<bool> {
        use std::io::{Read, Write};
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream
            .write_all(b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    }
}

impl Drop for EvaluatorProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
