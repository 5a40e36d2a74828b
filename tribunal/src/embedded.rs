//! The embedded profile: every role in this process, on an in-memory broker and SQLite. For trying out.

use std::future::Future;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use evaluator::Config;
use evaluator::config::{
    BreakerLimits, JudgingFlags, LaneConfig, OVERFLOW_AFTER, ProblemSource, Shares,
};
use kafka::ClientConfig;
use kafka::embedded::Broker;
use schemas::topics;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Partitions of every topic here: enough to see a group share them.
const PARTITIONS: i32 = 6;

/// How long what runs may go on after a stop.
const GRACE: Duration = Duration::from_secs(20);

/// How long a submission waits for a toolchain that is broken or a problem folder that is away.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the roles may take to end in order.
const STOP_TIMEOUT: Duration = Duration::from_secs(60);

/// What one may choose.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EmbeddedArgs {
    /// Folder with one problem package directory for each problem.
    #[arg(
        long,
        env = "TRIBUNAL_PROBLEMS",
        value_name = "DIR",
        default_value = "problems"
    )]
    pub(crate) problems: PathBuf,
    /// Submissions judged at a time [default: one for each core].
    #[arg(long, env = "TRIBUNAL_SLOTS", value_name = "COUNT")]
    slots: Option<NonZeroUsize>,
    /// Languages served, separated by commas [default: all that are installed].
    #[arg(
        long,
        env = "TRIBUNAL_LANGUAGES",
        value_name = "LIST",
        value_delimiter = ','
    )]
    languages: Vec<String>,
    #[command(flatten)]
    judging: JudgingFlags,
}

impl EmbeddedArgs {
    fn evaluator(&self, client: ClientConfig, cache_dir: PathBuf) -> anyhow::Result<Config> {
        let known_languages = self.judging.languages()?;
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Ok(Config {
            client,
            contract: None,
            lanes: LaneConfig::defaults().into(),
            shares: Shares::default(),
            overflow_after: OVERFLOW_AFTER,
            // Whoever tries things out does not wait eleven minutes to learn that something is broken.
            retries: Vec::new(),
            breaker: BreakerLimits::default(),
            slots: self.slots.unwrap_or(cores).get(),
            pin: self.judging.pin(),
            near_limit: self.judging.near_limit(),
            grace: GRACE,
            patience: PATIENCE,
            sandbox: self.judging.sandbox_config(&known_languages),
            known_languages,
            languages: self.languages.clone(),
            problems: ProblemSource::Directory(self.problems.clone()),
            cache_dir,
            package_cache_bytes: 1 << 30,
            http: None,
            host: "embedded".to_owned(),
        })
    }
}

/// The topics of the embedded broker and their partitions.
pub(crate) fn embedded_topics() -> Vec<(String, i32)> {
    let declared = topics::declared(topics::Profile::SingleNode);
    let sized = declared.into_iter().map(|topic| (topic.name, PARTITIONS));
    sized.collect()
}

/// How to reach a running pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// Its broker.
    pub(crate) client: ClientConfig,
    /// Its results.
    pub(crate) database_url: String,
}

/// A running pipeline in one process.
pub(crate) struct Embedded {
    access: Access,
    stop: CancellationToken,
    roles: JoinSet<(&'static str, anyhow::Result<()>)>,
    /// Dropped last: every role talks to it.
    _broker: Broker,
}

impl Embedded {
    /// Starts the broker and every role; the database and the caches go below `folder`.
    pub(crate) async fn start(args: &EmbeddedArgs, folder: &Path) -> anyhow::Result<Self> {
        let topics = embedded_topics();
        let topics: Vec<(&str, i32)> = topics.iter().map(|(name, n)| (&**name, *n)).collect();
        let broker = Broker::with_topics(&topics).context("failed to start the embedded broker")?;
        let client = ClientConfig::new(broker.bootstrap_servers(), "tribunal");
        let mut embedded = Self {
            access: Access {
                database_url: format!("sqlite:{}", folder.join("tribunal.db").display()),
                client: client.clone(),
            },
            stop: CancellationToken::new(),
            roles: JoinSet::new(),
            _broker: broker,
        };
        let evaluator = args.evaluator(client.named("evaluator"), folder.join("cache"))?;
        embedded.spawn_roles(evaluator).await?;
        Ok(embedded)
    }

    async fn spawn_roles(&mut self, evaluator: Config) -> anyhow::Result<()> {
        let Access {
            client,
            database_url: url,
        } = self.access();
        // Sink and analytics both migrate the database: made first, it is nobody's race.
        let database = store::Database::connect(&url).await?;
        // The folder outlives the broker: offsets in it are of a log that ended with another process.
        store::Offsets::forget_all(&database).await?;
        database.close().await;
        let sink = results_sink::SinkConfig::new(client.named("results-sink"), &url);
        let counting = analytics::AnalyticsConfig::new(client.named("analytics"), &url);
        let stop = self.stop.clone();
        self.spawn("evaluator", evaluator::run(evaluator, stop.clone()));
        self.spawn("results-sink", results_sink::run(sink, stop.clone()));
        self.spawn("analytics", analytics::run(counting, stop));
        Ok(())
    }

    fn spawn(
        &mut self,
        name: &'static str,
        role: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        self.roles.spawn(async move { (name, role.await) });
    }

    /// How to reach it.
    pub(crate) fn access(&self) -> Access {
        self.access.clone()
    }

    /// Resolves when a role ends although nobody stopped it, with the reason.
    pub(crate) async fn failure(&mut self) -> anyhow::Error {
        match self.roles.join_next().await {
            Some(Ok((role, Ok(())))) => anyhow!("the {role} ended by itself"),
            Some(Ok((role, Err(error)))) => error.context(format!("the {role} failed")),
            Some(Err(error)) => anyhow!(error).context("a role panicked"),
            None => anyhow!("no role is running"),
        }
    }

    /// Ends every role in order and waits for it.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        let ended = async {
            while let Some(role) = self.roles.join_next().await {
                let (name, result) = role.context("a role panicked")?;
                result.with_context(|| format!("the {name} failed while stopping"))?;
            }
            Ok(())
        };
        tokio::time::timeout(STOP_TIMEOUT, ended)
            .await
            .context("the roles did not end in time")?
    }
}
