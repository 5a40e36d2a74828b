//! What was given: a file, then flags or their TRIBUNAL_* variables, over the defaults.

use std::path::PathBuf;

use clap::Args;
use schemas::topics::Profile;
use serde::{Deserialize, Serialize};
use service::telemetry::LogFormat;
use service::{KafkaArgs, LogArgs};

use super::{BreakerLimits, JudgingFlags, LaneConfig, OVERFLOW_AFTER, Shares};

/// Flags of `evaluator run`. What is not given comes from --config FILE or the defaults.
#[derive(Clone, Debug, Default, Args, Serialize)]
pub struct Flags {
    /// File with settings; `evaluator run --default-config` prints all of them with their meaning
    #[arg(long, value_name = "FILE", env = "TRIBUNAL_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[serde(flatten)]
    kafka: KafkaArgs,
    /// Consumer group of the interactive lane [default: evaluators]
    #[arg(long, env = "TRIBUNAL_GROUP", help_heading = "Kafka")]
    group: Option<String>,
    /// Share of the CPU-seconds of the interactive lane while others wait too [default: 4]
    #[arg(long, env = "TRIBUNAL_WEIGHT", help_heading = "Kafka")]
    weight: Option<u32>,
    /// Consumer group of the bulk lane [default: evaluators.bulk]
    #[arg(
        long,
        env = "TRIBUNAL_GROUP_BULK",
        value_name = "GROUP",
        help_heading = "Kafka"
    )]
    group_bulk: Option<String>,
    /// Share of the bulk lane [default: 1]
    #[arg(
        long,
        env = "TRIBUNAL_WEIGHT_BULK",
        value_name = "WEIGHT",
        help_heading = "Kafka"
    )]
    weight_bulk: Option<u32>,
    /// Consumer group of the overflow lane: what other evaluators handed over [default: evaluators.overflow]
    #[arg(
        long,
        env = "TRIBUNAL_GROUP_OVERFLOW",
        value_name = "GROUP",
        help_heading = "Kafka"
    )]
    group_overflow: Option<String>,
    /// Share of the overflow lane [default: 2]
    #[arg(
        long,
        env = "TRIBUNAL_WEIGHT_OVERFLOW",
        value_name = "WEIGHT",
        help_heading = "Kafka"
    )]
    weight_overflow: Option<u32>,
    /// Hundredths of the slots that bulk work leaves free for the other lanes [default: 10]
    #[arg(long, env = "TRIBUNAL_RESERVED_PERCENT", value_name = "PERCENT")]
    reserved_percent: Option<u32>,
    /// Consumer groups of the retry topics, each with its delay appended [default: evaluators.retry]
    #[arg(
        long,
        env = "TRIBUNAL_GROUP_RETRY",
        value_name = "GROUP",
        help_heading = "Kafka"
    )]
    group_retry: Option<String>,
    /// Submissions judged at a time [default: one for each core]
    #[arg(long, env = "TRIBUNAL_SLOTS", value_name = "COUNT")]
    slots: Option<usize>,
    /// Seconds of waiting work from which on others are asked to help; 0 for never [default: 1]
    #[arg(long, env = "TRIBUNAL_OVERFLOW_AFTER_SECONDS", value_name = "SECONDS")]
    overflow_after_seconds: Option<u64>,
    /// Languages served, separated by commas; each must pass its self-test [default: all that are installed]
    #[arg(
        long,
        env = "TRIBUNAL_LANGUAGES",
        value_name = "LIST",
        value_delimiter = ','
    )]
    languages: Vec<String>,
    #[command(flatten)]
    #[serde(flatten)]
    judging: JudgingFlags,
    /// Seconds over which dead letters are counted for the circuit breaker [default: 300]
    #[arg(long, env = "TRIBUNAL_BREAKER_WINDOW_SECONDS", value_name = "SECONDS")]
    breaker_window_seconds: Option<u64>,
    /// More dead letters within that window stop the intake; 0: any number is fine [default: 100]
    #[arg(long, env = "TRIBUNAL_BREAKER_DEAD_LETTERS", value_name = "COUNT")]
    breaker_dead_letters: Option<u32>,
    /// More hundredths of what ends within that window stop the intake; 100: any share is fine [default: 50]
    #[arg(long, env = "TRIBUNAL_BREAKER_PERCENT", value_name = "PERCENT")]
    breaker_percent: Option<u32>,
    /// Seconds until a stopped intake tries one record again [default: 60]
    #[arg(
        long,
        env = "TRIBUNAL_BREAKER_COOL_DOWN_SECONDS",
        value_name = "SECONDS"
    )]
    breaker_cool_down_seconds: Option<u64>,
    /// Seconds that running judgements may take to finish after a stop [default: 60]
    #[arg(long, env = "TRIBUNAL_GRACE_SECONDS", value_name = "SECONDS")]
    grace_seconds: Option<u64>,
    /// Seconds that a submission waits for a package store or a toolchain that is away before it moves to a retry topic [default: 300]
    #[arg(long, env = "TRIBUNAL_PATIENCE_SECONDS", value_name = "SECONDS")]
    patience_seconds: Option<u64>,
    /// This host's name in verdicts [default: the machine's]
    #[arg(long, env = "TRIBUNAL_HOST_NAME", value_name = "NAME")]
    host_name: Option<String>,
    /// Directory with one package directory for each problem
    #[arg(
        long,
        env = "TRIBUNAL_PROBLEMS",
        value_name = "DIR",
        help_heading = "Problem packages"
    )]
    problems: Option<PathBuf>,
    /// Object store with the published packages: file://, http(s):// or s3://
    #[arg(
        long,
        env = "TRIBUNAL_STORE",
        value_name = "URL",
        help_heading = "Problem packages"
    )]
    store: Option<String>,
    /// Where packages and compiled programs are kept; every evaluator needs its own
    #[arg(
        long,
        env = "TRIBUNAL_CACHE_DIR",
        value_name = "DIR",
        help_heading = "Problem packages"
    )]
    cache_dir: Option<PathBuf>,
    /// Bound of the unpacked packages, in MiB [default: 4096]
    #[arg(
        long,
        env = "TRIBUNAL_PACKAGE_CACHE_MIB",
        value_name = "MIB",
        help_heading = "Problem packages"
    )]
    package_cache_mib: Option<u64>,
    /// Control group made for the boxes [default: tribunal]
    #[arg(
        long,
        env = "TRIBUNAL_SANDBOX_CGROUP",
        value_name = "NAME",
        help_heading = "Sandbox"
    )]
    sandbox_cgroup: Option<String>,
    /// User id of the first box; every box has one of its own
    #[arg(
        long,
        env = "TRIBUNAL_SANDBOX_UID_BASE",
        value_name = "UID",
        help_heading = "Sandbox"
    )]
    sandbox_uid_base: Option<u32>,
    /// Where /health/live, /health/ready and /metrics are served [default: 127.0.0.1:9464]
    #[arg(long, env = "TRIBUNAL_HTTP", value_name = "HOST:PORT")]
    http: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    log: LogArgs,
}

/// Every setting with the value that won; `evaluator.default.toml` says what each means.
#[derive(Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub(super) bootstrap_servers: Option<String>,
    pub(super) kafka_properties: Vec<String>,
    pub(super) kafka_properties_file: Option<PathBuf>,
    pub(super) profile: Profile,
    pub(super) group_protocol: String,
    pub(super) group_instance_id: Option<String>,
    pub(super) group: String,
    pub(super) weight: u32,
    pub(super) group_bulk: String,
    pub(super) weight_bulk: u32,
    pub(super) group_overflow: String,
    pub(super) weight_overflow: u32,
    pub(super) reserved_percent: u32,
    pub(super) group_retry: String,
    pub(super) slots: Option<usize>,
    pub(super) overflow_after_seconds: u64,
    pub(super) languages: Vec<String>,
    pub(super) pin: bool,
    pub(super) reruns: u32,
    pub(super) near_limit_percent: u32,
    pub(super) variants: Vec<String>,
    pub(super) breaker_window_seconds: u64,
    pub(super) breaker_dead_letters: u32,
    pub(super) breaker_percent: u32,
    pub(super) breaker_cool_down_seconds: u64,
    pub(super) grace_seconds: u64,
    pub(super) patience_seconds: u64,
    pub(super) host_name: Option<String>,
    pub(super) problems: Option<PathBuf>,
    pub(super) store: Option<String>,
    pub(super) cache_dir: PathBuf,
    pub(super) package_cache_mib: u64,
    pub(super) sandbox_cgroup: String,
    pub(super) sandbox_uid_base: u32,
    pub(super) sandbox_waive: Vec<String>,
    pub(super) http: String,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

impl Default for Settings {
    fn default() -> Self {
        let sandbox = sandbox::SandboxConfig::default();
        let near_limit = judge::NearLimit::default();
        let [interactive, bulk, overflow] = LaneConfig::defaults();
        let shares = Shares::default();
        let breaker = BreakerLimits::default();
        Self {
            bootstrap_servers: Some("localhost:9092".to_owned()),
            kafka_properties: Vec::new(),
            kafka_properties_file: None,
            profile: Profile::default(),
            group_protocol: kafka::GroupProtocol::default().name().to_owned(),
            group_instance_id: None,
            group: interactive.group,
            weight: shares.interactive,
            group_bulk: bulk.group,
            weight_bulk: shares.bulk,
            group_overflow: overflow.group,
            weight_overflow: shares.overflow,
            reserved_percent: shares.reserved_percent,
            group_retry: "evaluators.retry".to_owned(),
            slots: None,
            overflow_after_seconds: OVERFLOW_AFTER.as_secs(),
            languages: Vec::new(),
            pin: false,
            reruns: near_limit.reruns,
            near_limit_percent: near_limit.percent,
            variants: Vec::new(),
            breaker_window_seconds: breaker.window.as_secs(),
            breaker_dead_letters: breaker.dead_letters,
            breaker_percent: breaker.percent,
            breaker_cool_down_seconds: breaker.cool_down.as_secs(),
            grace_seconds: 60,
            patience_seconds: 300,
            host_name: None,
            problems: None,
            store: None,
            cache_dir: PathBuf::from("/var/cache/tribunal/evaluator"),
            package_cache_mib: 4_096,
            sandbox_cgroup: sandbox.cgroup,
            sandbox_uid_base: sandbox.uid_base,
            sandbox_waive: Vec::new(),
            http: "127.0.0.1:9464".to_owned(),
            log: None,
            log_format: None,
        }
    }
}

impl Settings {
    /// Lays the flags over the file they name, and both over the defaults.
    pub fn given(flags: &Flags) -> anyhow::Result<Self> {
        service::config::layered(flags.config.as_deref(), flags)
    }

    /// How to log.
    pub fn log(&self) -> LogArgs {
        LogArgs {
            log: self.log.clone(),
            log_format: self.log_format,
        }
    }

    pub(super) fn kafka(&self) -> KafkaArgs {
        KafkaArgs {
            bootstrap_servers: self.bootstrap_servers.clone(),
            properties: self.kafka_properties.clone(),
            kafka_properties_file: self.kafka_properties_file.clone(),
            profile: Some(self.profile),
            group_protocol: Some(self.group_protocol.clone()),
            group_instance_id: self.group_instance_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT_FILE: &str = crate::config::DEFAULT_FILE;

    #[test]
    fn the_default_file_says_what_the_defaults_are() -> anyhow::Result<()> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(&file, DEFAULT_FILE)?;
        let flags = Flags {
            config: Some(file.path().to_owned()),
            ..Flags::default()
        };
        assert_eq!(Settings::given(&flags)?, Settings::default());
        Ok(())
    }

    #[test]
    fn the_default_file_has_a_comment_and_a_line_for_every_setting() -> anyhow::Result<()> {
        let flags = serde_json::to_value(Flags::default())?;
        let names = flags.as_object().into_iter().flat_map(|flags| flags.keys());
        for name in names {
            let line = format!("{name} = ");
            let mut before = "";
            let found = DEFAULT_FILE.lines().any(|text| {
                let explained = before.starts_with("# ") || before.contains(" = ");
                before = text;
                explained && text.trim_start_matches("# ").starts_with(&line)
            });
            assert!(found, "{name}");
        }
        Ok(())
    }
}
