//! The topics, parsed from `topics.toml`: names, shapes, contents, and who may do what.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

mod rights;

pub use rights::{Right, Role, Subject, UnknownRole, rights};

/// The interactive lane.
pub const SUBMISSIONS: &str = "submissions";
/// The low-weight lane: rejudges and batches.
pub const SUBMISSIONS_BULK: &str = "submissions.bulk";
/// The work-stealing lane for hot problems.
pub const SUBMISSIONS_OVERFLOW: &str = "submissions.overflow";
/// Submissions that wait for the end of a fault of ours, by how long they wait there.
pub const SUBMISSIONS_RETRY: [&str; 3] = [
    "submissions.retry.10s",
    "submissions.retry.1m",
    "submissions.retry.10m",
];
/// Submissions of paused problems.
pub const SUBMISSIONS_PARKED: &str = "submissions.parked";
/// Dead letters.
pub const SUBMISSIONS_DLQ: &str = "submissions.dlq";
/// Verdicts: the first one of each (submission, generation) wins.
pub const VERDICTS: &str = "verdicts";
/// The recorded verdicts, compacted, for others.
pub const VERDICTS_LATEST: &str = "verdicts.latest";
/// Progress of running judgements.
pub const PROGRESS: &str = "progress";
/// The current package of each problem.
pub const PROBLEMS: &str = "problems";
/// What operators ask of the evaluators.
pub const CONTROL: &str = "control";

/// The lanes that clients write to.
pub const CLIENT_LANES: [&str; 2] = [SUBMISSIONS, SUBMISSIONS_BULK];

/// Every topic to which evaluators hand submissions on that still wait for their judgement: all that
/// have submissions but the client lanes and the dead letters.
pub fn waiting_rooms() -> Vec<String> {
    let names = FILE
        .topic
        .iter()
        .filter(|topic| topic.value == "submission");
    let names = names.map(|topic| topic.name.clone());
    names
        .filter(|name| !CLIENT_LANES.contains(&name.as_str()) && name != SUBMISSIONS_DLQ)
        .collect()
}

/// The group in which evaluators read a topic of submissions unless somebody chose another one.
pub fn evaluator_group(topic: &str) -> String {
    let rest = topic.strip_prefix(SUBMISSIONS).unwrap_or(topic);
    format!("evaluators{rest}")
}

/// What a topic may add to a record of its source: provenance headers and the batch around it.
pub const SUCCESSOR_HEADROOM_BYTES: u64 = 64 << 10;

/// The registry subject of a topic's values.
pub fn value_subject(topic: &str) -> String {
    format!("{topic}-value")
}

/// How large a cluster the topics are declared for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Three brokers or more: three copies, two of them in sync.
    #[default]
    Cluster,
    /// One broker, no second copy: for development and small sites that accept it.
    SingleNode,
}

impl Profile {
    /// The name in `topics.toml` and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::SingleNode => "single-node",
        }
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no profile `{0}`: use `cluster` or `single-node`")]
pub struct UnknownProfile(String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Cluster, Self::SingleNode]
            .into_iter()
            .find(|profile| profile.name() == name)
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// What happens to old records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cleanup {
    /// Deleted when their time is over.
    Delete,
    /// The last of each key stays.
    Compact,
}

impl Cleanup {
    fn policy(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Compact => "compact",
        }
    }
}

/// One topic as it should be on a cluster of some profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Name.
    pub name: String,
    /// What its records are keyed by.
    pub key: String,
    /// The [`Message::NAME`](crate::Message::NAME) of its values.
    pub value: String,
    /// Partitions.
    pub partitions: i32,
    /// Whether that number may never change.
    pub partitions_fixed: bool,
    /// Copies of each partition.
    pub replication: i32,
    /// What happens to old records.
    pub cleanup: Cleanup,
    /// How long records stay; `None` if for ever.
    pub retention_ms: Option<u64>,
    /// The largest record batch it takes.
    pub max_message_bytes: u64,
    /// Copies that must have a record before it is acknowledged.
    pub min_insync_replicas: i32,
    /// The topics whose records move on to this one.
    pub successor_of: Vec<String>,
    /// Who may write.
    pub write: Vec<Role>,
    /// Who may read.
    pub read: Vec<Role>,
}

impl Topic {
    /// The topic's settings by Kafka's names. Every topic stamps records with the broker's append
    /// time: what a client says is a claim.
    pub fn config(&self) -> BTreeMap<String, String> {
        let mut config = BTreeMap::from([
            ("cleanup.policy", self.cleanup.policy().to_owned()),
            ("max.message.bytes", self.max_message_bytes.to_string()),
            ("message.timestamp.type", "LogAppendTime".to_owned()),
            ("min.insync.replicas", self.min_insync_replicas.to_string()),
            ("unclean.leader.election.enable", "false".to_owned()),
        ]);
        if let Some(retention_ms) = self.retention_ms {
            config.insert("retention.ms", retention_ms.to_string());
            // Only closed segments are deleted: one must not stay open past its time.
            if retention_ms < DAY_MS {
                config.insert("segment.ms", retention_ms.to_string());
            }
        }
        let owned = |(name, value): (&str, String)| (name.to_owned(), value);
        config.into_iter().map(owned).collect()
    }
}

const DAY_MS: u64 = 24 * 3_600_000;

/// Every topic, as declared for a profile, in the file's order.
pub fn declared(profile: Profile) -> Vec<Topic> {
    let file = &*FILE;
    let settings = file
        .profile
        .get(profile.name())
        .unwrap_or_else(|| panic!("topics.toml has no profile {profile}"));
    let topic = |declared: &DeclaredTopic| declared.on(settings);
    file.topic.iter().map(topic).collect()
}

/// One topic by name, as declared for a profile.
pub fn declared_topic(profile: Profile, name: &str) -> Option<Topic> {
    declared(profile)
        .into_iter()
        .find(|topic| topic.name == name)
}

/// What a topic's records are keyed by, in the words of `topics.toml`; `None` if it is not declared.
pub fn key_of(name: &str) -> Option<&'static str> {
    let topic = FILE.topic.iter().find(|topic| topic.name == name)?;
    Some(&topic.key)
}

/// How long a record waits on a topic before it may be taken, by the topic's contract; `None` if it need not.
pub fn delay_of(name: &str) -> Option<Duration> {
    let topic = FILE.topic.iter().find(|topic| topic.name == name)?;
    topic.delay_seconds.map(Duration::from_secs)
}

/// The file is part of the program: it parses, or the tests of this crate fail.
static FILE: LazyLock<File> = LazyLock::new(|| {
    toml::from_str(include_str!("../topics.toml"))
        .unwrap_or_else(|error| panic!("topics.toml does not parse: {error}"))
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: BTreeMap<String, ProfileSettings>,
    topic: Vec<DeclaredTopic>,
    #[serde(rename = "group")]
    groups: Vec<rights::DeclaredGroups>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileSettings {
    replication: i32,
    min_insync_replicas: i32,
    partitions_at_most: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredTopic {
    name: String,
    key: String,
    value: String,
    partitions: i32,
    #[serde(default)]
    partitions_fixed: bool,
    cleanup: Cleanup,
    retention_hours: Option<u64>,
    retention_minutes: Option<u64>,
    max_message_bytes: u64,
    delay_seconds: Option<u64>,
    #[serde(default)]
    successor_of: Vec<String>,
    write: Vec<Role>,
    read: Vec<Role>,
}

impl DeclaredTopic {
    fn on(&self, profile: &ProfileSettings) -> Topic {
        let minutes = self.retention_hours.map(|hours| hours * 60);
        Topic {
            name: self.name.clone(),
            key: self.key.clone(),
            value: self.value.clone(),
            partitions: self.partitions.min(profile.partitions_at_most),
            partitions_fixed: self.partitions_fixed,
            replication: profile.replication,
            cleanup: self.cleanup,
            retention_ms: minutes.or(self.retention_minutes).map(|m| m * 60_000),
            max_message_bytes: self.max_message_bytes,
            min_insync_replicas: profile.min_insync_replicas,
            successor_of: self.successor_of.clone(),
            write: self.write.clone(),
            read: self.read.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cap;

    fn both_profiles() -> impl Iterator<Item = Vec<Topic>> {
        [Profile::Cluster, Profile::SingleNode]
            .into_iter()
            .map(declared)
    }

    #[test]
    fn every_topic_constant_is_declared() {
        let constants = [
            SUBMISSIONS,
            SUBMISSIONS_BULK,
            SUBMISSIONS_OVERFLOW,
            SUBMISSIONS_PARKED,
            SUBMISSIONS_DLQ,
            VERDICTS,
            VERDICTS_LATEST,
            PROGRESS,
            PROBLEMS,
            CONTROL,
        ];
        for name in constants.into_iter().chain(SUBMISSIONS_RETRY) {
            assert!(declared_topic(Profile::Cluster, name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_successor_keeps_records_as_long_as_its_source_and_has_room_for_them() {
        for topics in both_profiles() {
            for successor in &topics {
                for source in &successor.successor_of {
                    let source = topics.iter().find(|topic| topic.name == *source);
                    let source = source.expect("a successor names declared topics");
                    let pair = format!("{} after {}", successor.name, source.name);
                    if let Some(kept) = successor.retention_ms {
                        assert!(source.retention_ms.is_some_and(|ms| kept >= ms), "{pair}");
                    }
                    let room = source.max_message_bytes + SUCCESSOR_HEADROOM_BYTES;
                    assert!(successor.max_message_bytes >= room, "{pair}");
                    let config = successor.config();
                    assert_eq!(config["message.timestamp.type"], "LogAppendTime", "{pair}");
                }
            }
        }
    }

    #[test]
    fn every_topic_with_submissions_but_the_lanes_is_declared_a_successor() {
        for topic in declared(Profile::Cluster) {
            let lane = CLIENT_LANES.contains(&topic.name.as_str());
            if topic.value == "submission" {
                assert_eq!(topic.successor_of.is_empty(), lane, "{}", topic.name);
            }
        }
    }

    #[test]
    fn each_retry_topic_waits_longer_than_the_one_before_and_nothing_else_waits() {
        let seconds = |name: &str| delay_of(name).map(|delay| delay.as_secs());
        assert_eq!(
            SUBMISSIONS_RETRY.map(seconds),
            [Some(10), Some(60), Some(600)]
        );
        for topic in declared(Profile::Cluster) {
            let retry = SUBMISSIONS_RETRY.contains(&topic.name.as_str());
            assert_eq!(seconds(&topic.name).is_some(), retry, "{}", topic.name);
        }
    }

    #[test]
    fn what_is_handed_on_enters_each_waiting_room_once_at_most() {
        let rooms = waiting_rooms();
        let topics = declared(Profile::Cluster);
        let mut left: Vec<&Topic> = topics
            .iter()
            .filter(|it| rooms.contains(&it.name))
            .collect();
        // A room whose records come from none that is left has its place; with a circle some never have.
        while !left.is_empty() {
            let names: Vec<String> = left.iter().map(|topic| topic.name.clone()).collect();
            left.retain(|topic| topic.successor_of.iter().any(|from| names.contains(from)));
            assert!(left.len() < names.len(), "a circle of {names:?}");
        }
    }

    #[test]
    fn the_key_of_a_topic_is_part_of_its_contract() {
        assert_eq!(key_of(SUBMISSIONS_OVERFLOW), Some("submission_id"));
        assert_eq!(key_of(SUBMISSIONS_DLQ), Some("problem_id"));
        assert_eq!(key_of("weather"), None);
    }

    #[test]
    fn what_waits_after_the_lanes_is_read_by_a_group_of_its_own() {
        let rooms = waiting_rooms();
        assert!(rooms.contains(&SUBMISSIONS_OVERFLOW.to_owned()));
        assert!(rooms.contains(&SUBMISSIONS_PARKED.to_owned()));
        assert!(!rooms.contains(&SUBMISSIONS_DLQ.to_owned()), "{rooms:?}");
        let groups: std::collections::BTreeSet<String> =
            rooms.iter().map(|room| evaluator_group(room)).collect();
        assert_eq!(groups.len(), rooms.len());
        assert_eq!(evaluator_group(SUBMISSIONS), "evaluators");
        assert_eq!(evaluator_group(SUBMISSIONS_BULK), "evaluators.bulk");
    }

    #[test]
    fn verdicts_are_never_compacted_nor_repartitioned_and_only_evaluators_write_them() {
        let verdicts = declared_topic(Profile::Cluster, VERDICTS).expect("declared");
        assert_eq!(verdicts.cleanup, Cleanup::Delete);
        assert!(verdicts.partitions_fixed);
        assert_eq!(verdicts.write, [Role::Evaluator]);
    }

    #[test]
    fn the_largest_values_fit_their_topics() {
        let room = |name| {
            let topic = declared_topic(Profile::Cluster, name).expect("declared");
            usize::try_from(topic.max_message_bytes).expect("fits") - (64 << 10)
        };
        assert!(cap::MAX_VERDICT_BYTES <= room(VERDICTS));
        // File names and the other fields stay below 64 KiB.
        assert!(cap::MAX_SOURCE_BYTES + (64 << 10) <= room(SUBMISSIONS));
    }

    #[test]
    fn a_cluster_needs_two_copies_in_sync_and_a_single_node_says_that_it_has_one() {
        let cluster = declared_topic(Profile::Cluster, SUBMISSIONS).expect("declared");
        assert_eq!((cluster.replication, cluster.min_insync_replicas), (3, 2));
        let single = declared_topic(Profile::SingleNode, SUBMISSIONS).expect("declared");
        assert_eq!((single.replication, single.min_insync_replicas), (1, 1));
        assert_eq!(single.partitions, 6);
        assert_eq!("single-node".parse(), Ok(Profile::SingleNode));
        assert!("triple".parse::<Profile>().is_err());
    }

    #[test]
    fn the_settings_sent_to_the_broker_are_exactly_these() {
        let progress = declared_topic(Profile::Cluster, PROGRESS).expect("declared");
        let config = progress.config();
        let lines: Vec<String> = config.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            lines,
            [
                "cleanup.policy=delete",
                "max.message.bytes=65536",
                "message.timestamp.type=LogAppendTime",
                "min.insync.replicas=2",
                "retention.ms=600000",
                "segment.ms=600000",
                "unclean.leader.election.enable=false",
            ]
        );
    }
}
