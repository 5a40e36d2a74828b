//! A whole evaluator in this process, on an in-memory broker, with the real sandbox.

pub(crate) mod endpoint;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use evaluator::Config;
use evaluator::config::{BreakerLimits, LaneConfig, OVERFLOW_AFTER, ProblemSource, Shares};
use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, Record, Start, Tail};
use schemas::traceparent::TraceParent;
use schemas::{SourceFile, Submission, Verdict, headers, topics};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longest wait for anything; a machine that does four things at once is slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The topics of one broker, with readers of what an evaluator writes.
pub(crate) struct Cluster {
    pub(crate) client: ClientConfig,
    producer: Producer,
    verdicts: Tail,
    dead_letters: Tail,
    _broker: Broker,
}

impl Cluster {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        // Where a test reads records in their order there is one partition.
        let in_order = |topic: &str| topic.contains(".retry.") || topic == topics::SUBMISSIONS_DLQ;
        let sized = |topic| (topic, if in_order(topic) { 1 } else { 2 });
        let broker = Broker::with_topics(&evaluator::TOPICS.map(sized))?;
        let client = ClientConfig::new(broker.bootstrap_servers(), "test");
        Ok(Self {
            producer: Producer::new(&client)?,
            verdicts: Tail::open(&client, &[topics::VERDICTS], Start::Beginning).await?,
            dead_letters: Tail::open(&client, &[topics::SUBMISSIONS_DLQ], Start::Beginning).await?,
            client,
            _broker: broker,
        })
    }

    /// Publishes a submission as a producer does.
    pub(crate) async fn submit(&self, topic: &str, submission: &Submission) -> anyhow::Result<()> {
        let headers = headers::standard(
            submission.submission_id,
            submission.generation,
            TraceParent::start(),
        );
        self.publish(
            topic,
            &submission.problem_id,
            schemas::codec::encode(submission)?,
            headers,
        )
        .await
    }

    pub(crate) async fn publish(
        &self,
        topic: &str,
        key: &str,
        payload: Vec<u8>,
        headers: headers::Headers,
    ) -> anyhow::Result<()> {
        let record = NewRecord::new(topic, key, payload).with_headers(headers);
        self.producer.send(record).await?;
        Ok(())
    }

    /// The next verdict with its record.
    pub(crate) async fn next_verdict(&mut self) -> anyhow::Result<(Record, Verdict)> {
        let next = tokio::time::timeout(PATIENCE, self.verdicts.next_record()).await;
        let record = next.context("no verdict came")??;
        let verdict = schemas::codec::decode(&record.payload)?;
        Ok((record, verdict))
    }

    /// The verdicts of so many submissions, each of which has exactly one.
    pub(crate) async fn verdicts(
        &mut self,
        count: usize,
    ) -> anyhow::Result<BTreeMap<Uuid, Verdict>> {
        let mut verdicts = BTreeMap::new();
        while verdicts.len() < count {
            let (_, verdict) = self.next_verdict().await?;
            let id = verdict.submission_id;
            anyhow::ensure!(
                verdicts.insert(id, verdict).is_none(),
                "{id} has two verdicts"
            );
        }
        Ok(verdicts)
    }

    /// The verdict records that nobody has read yet.
    pub(crate) async fn unread_verdicts(&mut self) -> anyhow::Result<usize> {
        Ok(self.verdicts.read_to_present_end().await?.len())
    }

    pub(crate) async fn next_dead_letter(&mut self) -> anyhow::Result<Record> {
        let next = tokio::time::timeout(PATIENCE, self.dead_letters.next_record()).await;
        Ok(next.context("no dead letter came")??)
    }
}

/// An evaluator that runs in this process.
pub(crate) struct Running {
    stop: CancellationToken,
    ended: JoinHandle<anyhow::Result<()>>,
    _cache: tempfile::TempDir,
}

impl Running {
    pub(crate) fn start(
        cluster: &Cluster,
        change: impl FnOnce(&mut Config),
    ) -> anyhow::Result<Self> {
        let cache = tempfile::tempdir()?;
        let mut config = config(&cluster.client, cache.path());
        change(&mut config);
        let stop = CancellationToken::new();
        Ok(Self {
            ended: tokio::spawn(evaluator::run(config, stop.clone())),
            stop,
            _cache: cache,
        })
    }

    /// Stops it in order and tells how it ended.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .context("it does not end")??
    }
}

pub(crate) fn config(client: &ClientConfig, cache_dir: &Path) -> Config {
    // Evaluators of tests that run at the same time share the machine.
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Config {
        client: client.named(format!("evaluator-{number}")),
        contract: None,
        lanes: LaneConfig::defaults().into(),
        shares: Shares::default(),
        overflow_after: OVERFLOW_AFTER,
        retries: Vec::new(),
        breaker: BreakerLimits::default(),
        slots: 2,
        pin: false,
        near_limit: judge::NearLimit::default(),
        grace: Duration::from_secs(60),
        patience: PATIENCE,
        known_languages: judge::Languages::builtin(),
        languages: vec!["c".to_owned(), "python3".to_owned()],
        problems: ProblemSource::Directory(problems()),
        cache_dir: cache_dir.to_owned(),
        package_cache_bytes: 1 << 30,
        http: None,
        host: format!("host-{number}"),
        sandbox: sandbox::SandboxConfig {
            uid_base: 1_910_000_000 + std::process::id() % 10_000 * 1_000 + number * 50,
            ..judge::Languages::builtin().sandbox_config()
        },
    }
}

/// The example packages of the repository.
pub(crate) fn problems() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../problems")
}

/// A submission of one file.
pub(crate) fn submission(problem_id: &str, file: &str, content: impl Into<Vec<u8>>) -> Submission {
    let language = if file.ends_with(".c") { "c" } else { "python3" };
    Submission {
        submission_id: Uuid::new_v4(),
        generation: 0,
        tenant: "school".to_owned(),
        contest_id: None,
        user_id: "ada".to_owned(),
        problem_id: problem_id.to_owned(),
        language: language.to_owned(),
        entry_point: None,
        files: vec![SourceFile {
            name: file.to_owned(),
            content: content.into(),
        }],
        submitted_at_ms: 0,
        idempotency_key: None,
        package_digest: None,
    }
}

/// One of the repository's jury submissions.
pub(crate) fn jury(problem_id: &str, path: &str) -> anyhow::Result<Submission> {
    let file = problems().join(problem_id).join("submissions").join(path);
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let content =
        std::fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?;
    Ok(submission(problem_id, &name, content))
}
