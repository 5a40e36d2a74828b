//! What an evaluator is told: every setting once, with its meaning.

mod given;
mod judging;
mod meaning;
mod retries;

use std::path::PathBuf;
use std::time::Duration;

use judge::{Languages, NearLimit};
use kafka::{ClientConfig, ConsumerConfig};
use sandbox::SandboxConfig;
use schemas::topics::{self, Profile};

pub use crate::breaker::BreakerLimits;
pub use crate::schedule::Shares;
pub use given::{Flags, Settings};
pub use judging::JudgingFlags;
pub use retries::RetryTopic;

/// The commented file with every setting at its default.
pub const DEFAULT_FILE: &str = include_str!("../../evaluator.default.toml");

/// Everything [`run`](crate::run) needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to reach the cluster.
    pub client: ClientConfig,
    /// What the topics are checked against before work is taken; `None` for the embedded broker, which cannot be asked.
    pub contract: Option<Profile>,
    /// The lanes read.
    pub lanes: Vec<LaneConfig>,
    /// What each lane may have of the slots.
    pub shares: Shares,
    /// How long what waits may take the slots before submissions are handed over to the overflow lane; zero: never.
    pub overflow_after: Duration,
    /// Where a submission waits for the end of a fault of ours, in order; none: it is given up at once.
    pub retries: Vec<RetryTopic>,
    /// How many dead letters stop the intake.
    pub breaker: BreakerLimits,
    /// Submissions judged at a time.
    pub slots: usize,
    /// How long what runs may go on after a stop.
    pub grace: Duration,
    /// Whether each slot has a processor of its own.
    pub pin: bool,
    /// When a case is run again before it is called too slow.
    pub near_limit: NearLimit,
    /// How long a submission waits in place for a package store or a toolchain that is away before it moves on to a retry topic.
    pub patience: Duration,
    /// The languages there are: the judge's own, unless a program that holds an evaluator brings others.
    pub known_languages: Languages,
    /// Language ids served; each must pass its canary. Empty: all that are installed.
    pub languages: Vec<String>,
    /// Where problem packages come from.
    pub problems: ProblemSource,
    /// Directory for packages, compiled programs and computed time limits; this process's own.
    pub cache_dir: PathBuf,
    /// Bound of the unpacked packages there, in bytes.
    pub package_cache_bytes: u64,
    /// Where health and metrics are served, `host:port`; `None`: nowhere.
    pub http: Option<String>,
    /// This host's name in verdicts.
    pub host: String,
    /// The sandbox, with the protections that are waived by name.
    pub sandbox: SandboxConfig,
}

/// Waiting work that is handed over unless somebody chooses otherwise.
pub const OVERFLOW_AFTER: Duration = Duration::from_secs(1);

/// One lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneConfig {
    /// Its topic.
    pub topic: String,
    /// The consumer group that reads it.
    pub group: String,
}

impl LaneConfig {
    /// The lanes as they are read unless somebody chooses otherwise: interactive, bulk, overflow.
    pub fn defaults() -> [Self; 3] {
        let lane = |topic: &str, group: &str| Self {
            topic: topic.to_owned(),
            group: group.to_owned(),
        };
        [
            lane(topics::SUBMISSIONS, "evaluators"),
            lane(topics::SUBMISSIONS_BULK, "evaluators.bulk"),
            lane(topics::SUBMISSIONS_OVERFLOW, "evaluators.overflow"),
        ]
    }
}

/// Where problem packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemSource {
    /// A directory on this host with one package directory for each problem.
    Directory(PathBuf),
    /// The `problems` topic, and an object store with the archives: `file://`, `http(s)://` or `s3://`.
    Store(String),
}

impl Config {
    /// The groups of the lanes and then of the retry topics, in the order of [`Self::consumers`].
    pub(crate) fn groups(&self) -> Vec<String> {
        let lanes = self.lanes.iter().map(|lane| lane.group.clone());
        let retries = self.retries.iter().map(|retry| retry.group.clone());
        lanes.chain(retries).collect()
    }

    /// The consumers of the lanes and then of the retry topics.
    pub(crate) fn consumers(&self) -> Vec<ConsumerConfig> {
        let lanes = self.lanes.iter();
        let lanes = lanes.map(|lane| self.consumer(&lane.topic, &lane.group));
        let retry = |retry: &RetryTopic| ConsumerConfig {
            delay: retry.delay(),
            ..self.consumer(retry.topic(), &retry.group)
        };
        lanes.chain(self.retries.iter().map(retry)).collect()
    }

    fn consumer(&self, topic: &str, group: &str) -> ConsumerConfig {
        let name = format!("{}-{topic}", self.client.client_id);
        let topics = vec![topic.to_owned()];
        ConsumerConfig {
            // What is handed out beyond what runs: enough that a slot never waits for the broker, and little
            // enough that the other evaluators get their part. A few more where slots are few, to read past a hot problem.
            ready_ahead: (self.slots * 2).max(8),
            ..ConsumerConfig::new(self.client.named(name), group, topics)
        }
    }
}
