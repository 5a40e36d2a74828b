//! A submission that kills its evaluator each time: real processes die, and only it is convicted.
//!
//! This program is two: without arguments it is the test, which keeps an in-memory broker and starts evaluators; with
//! `evaluator BOOTSTRAP_SERVERS CACHE_DIR` it is one of them, and dies by the hook of feature `hooks`. What they log is
//! shown with TRIBUNAL_LOG=info.

#[expect(dead_code, reason = "the other tests use the rest")]
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context;
use kafka::ClientConfig;
use rustix::process::{Pid, Signal, kill_process};
use schemas::{Submission, Verdict, VerdictCode, headers, topics};
use support::{Cluster, config, submission};
use uuid::Uuid;

const KILLER: &str = "# tribunal-hook: die\n";
const NEIGHBOUR: &str = "# tribunal-hook: sleep 400\n";
const NEIGHBOURS: usize = 8;
/// First as a record like any other, then as a suspect, then alone.
const DEATHS: u32 = 3;
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, bootstrap_servers, cache_dir] if role == "evaluator" => {
            be_an_evaluator(bootstrap_servers, cache_dir.as_ref()).await
        }
        _ => a_killer_is_convicted_and_its_neighbours_get_their_true_verdicts().await,
    }
}

async fn be_an_evaluator(bootstrap_servers: &str, cache_dir: &Path) -> anyhow::Result<()> {
    let log = service::LogArgs {
        log: std::env::var("TRIBUNAL_LOG")
            .ok()
            .or(Some("off".to_owned())),
        ..service::LogArgs::default()
    };
    log.init()?;
    let mut client = ClientConfig::new(bootstrap_servers, "test");
    // A dead member is missed sooner.
    client
        .properties
        .insert("session.timeout.ms".to_owned(), "2000".to_owned());
    client
        .properties
        .insert("heartbeat.interval.ms".to_owned(), "300".to_owned());
    let mut config = config(&client, cache_dir);
    config.slots = NEIGHBOURS + 1;
    evaluator::run(config, service::shutdown::on_signals()?).await
}

async fn a_killer_is_convicted_and_its_neighbours_get_their_true_verdicts() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let killer = submission("lanterns", "killer.py", KILLER);
    for number in 0..NEIGHBOURS {
        let neighbour = submission("lanterns", "neighbour.py", NEIGHBOUR);
        cluster.submit(topics::SUBMISSIONS, &neighbour).await?;
        if number == NEIGHBOURS / 2 {
            cluster.submit(topics::SUBMISSIONS, &killer).await?;
        }
    }

    let mut evaluators = Evaluators::start(&cluster)?;
    let verdicts = evaluators
        .until_judged(&mut cluster, NEIGHBOURS + 1)
        .await?;
    anyhow::ensure!(evaluators.deaths == DEATHS, "{} deaths", evaluators.deaths);
    check_verdicts(&verdicts, &killer)?;
    let letter = cluster.next_dead_letter().await?;
    anyhow::ensure!(
        letter.payload == schemas::codec::encode(&killer)?,
        "not the killer's bytes"
    );
    let cause = letter.text_header(headers::dead_letter::EXCEPTION_FQCN);
    anyhow::ensure!(cause == Some("kills-evaluator"), "{cause:?}");

    let next = submission("lanterns", "next.py", NEIGHBOUR);
    cluster.submit(topics::SUBMISSIONS, &next).await?;
    let verdicts = evaluators.until_judged(&mut cluster, 1).await?;
    anyhow::ensure!(
        verdicts.contains_key(&next.submission_id),
        "the partition does not move on"
    );
    evaluators.stop()?;
    let passed = "test a_killer_is_convicted_and_its_neighbours_get_their_true_verdicts ... ok";
    Ok(writeln!(std::io::stdout(), "{passed}")?)
}

fn check_verdicts(verdicts: &BTreeMap<Uuid, Verdict>, killer: &Submission) -> anyhow::Result<()> {
    for (id, verdict) in verdicts {
        let reason = verdict
            .public
            .reason
            .as_ref()
            .map(|reason| reason.code.as_str());
        let expected = if *id == killer.submission_id {
            (VerdictCode::Je, Some("kills-evaluator"))
        } else {
            (VerdictCode::Ac, None)
        };
        anyhow::ensure!((verdict.verdict, reason) == expected, "{verdict:?}");
    }
    Ok(())
}

/// One evaluator at a time, a new one when the last has died.
struct Evaluators {
    bootstrap_servers: String,
    cache: tempfile::TempDir,
    running: Option<Child>,
    deaths: u32,
}

impl Evaluators {
    fn start(cluster: &Cluster) -> anyhow::Result<Self> {
        let mut evaluators = Self {
            bootstrap_servers: cluster.client.bootstrap_servers.clone(),
            cache: tempfile::tempdir()?,
            running: None,
            deaths: 0,
        };
        evaluators.spawn()?;
        Ok(evaluators)
    }

    fn spawn(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("evaluator")
            .arg(&self.bootstrap_servers)
            .arg(self.cache.path());
        self.running = Some(command.spawn().context("failed to start an evaluator")?);
        Ok(())
    }

    /// Replaces the dead until so many submissions have a verdict. Some may have two: what was published when the
    /// evaluator died may not have been committed.
    async fn until_judged(
        &mut self,
        cluster: &mut Cluster,
        count: usize,
    ) -> anyhow::Result<BTreeMap<Uuid, Verdict>> {
        let mut verdicts = BTreeMap::new();
        while verdicts.len() < count {
            tokio::select! {
                next = cluster.next_verdict() => {
                    let (_, verdict) = next?;
                    verdicts.insert(verdict.submission_id, verdict);
                }
                () = tokio::time::sleep(LOOK_EVERY) => self.replace_the_dead()?,
            }
        }
        Ok(verdicts)
    }

    fn replace_the_dead(&mut self) -> anyhow::Result<()> {
        let Some(running) = &mut self.running else {
            return Ok(());
        };
        if let Some(status) = running.try_wait()? {
            anyhow::ensure!(
                status.signal() == Some(9),
                "an evaluator ended with {status}"
            );
            self.deaths += 1;
            anyhow::ensure!(self.deaths <= DEATHS, "it goes on killing");
            self.spawn()?;
        }
        Ok(())
    }

    /// Ends the last one as an operator does.
    fn stop(&mut self) -> anyhow::Result<()> {
        let mut running = self.running.take().context("none runs")?;
        let pid = Pid::from_child(&running);
        kill_process(pid, Signal::TERM)?;
        let status = running.wait()?;
        anyhow::ensure!(
            status.success(),
            "an evaluator that was told to stop ended with {status}"
        );
        Ok(())
    }
}

impl Drop for Evaluators {
    fn drop(&mut self) {
        // Whatever the test found, nothing stays behind.
        if let Some(running) = &mut self.running {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}
