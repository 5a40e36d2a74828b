//! Who may do what: the roles, and each one's rights on topics and consumer groups.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{FILE, Profile, declared};

/// Who touches topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The producer's command line and library.
    Producer,
    /// HTTP in, live verdicts out.
    Gateway,
    /// Judges.
    Evaluator,
    /// Records.
    ResultsSink,
    /// Counts.
    Analytics,
    /// People, through `tribunal`.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Producer,
        Self::Gateway,
        Self::Evaluator,
        Self::ResultsSink,
        Self::Analytics,
        Self::Operator,
    ];

    /// The name in `topics.toml` and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Gateway => "gateway",
            Self::Evaluator => "evaluator",
            Self::ResultsSink => "results-sink",
            Self::Analytics => "analytics",
            Self::Operator => "operator",
        }
    }
}

/// Not the name of a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no role `{0}`: use producer, gateway, evaluator, results-sink, analytics or operator")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|role| role.name() == name);
        found.ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

/// What a right is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A topic, by its name.
    Topic(String),
    /// Every consumer group whose name begins so.
    Groups(String),
}

/// What a role may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Take records, or be a member of the group. Includes seeing that it is there.
    Read,
    /// Append records. Includes seeing that it is there.
    Write,
    /// See that it is there, where it ends, how far it is committed.
    Describe,
    /// See a topic's settings: every service compares them with the declaration at its start.
    DescribeConfigs,
}

/// Every right of every role, each once, sorted.
pub fn rights() -> Vec<(Role, Subject, Right)> {
    let mut rights = Vec::new();
    for topic in declared(Profile::Cluster) {
        let readers = topic.read.iter().map(|role| (*role, Right::Read));
        let writers = topic.write.iter().map(|role| (*role, Right::Write));
        for (role, right) in readers.chain(writers) {
            let subject = Subject::Topic(topic.name.clone());
            rights.push((role, subject.clone(), right));
            rights.push((role, subject, Right::DescribeConfigs));
        }
    }
    for group in &FILE.groups {
        let members = group.read.iter().map(|role| (*role, Right::Read));
        let watchers = group.describe.iter().map(|role| (*role, Right::Describe));
        for (role, right) in members.chain(watchers) {
            rights.push((role, Subject::Groups(group.prefix.clone()), right));
        }
    }
    rights.sort();
    rights.dedup();
    rights
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeclaredGroups {
    prefix: String,
    read: Vec<Role>,
    #[serde(default)]
    describe: Vec<Role>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::{CLIENT_LANES, SUBMISSIONS, VERDICTS, VERDICTS_LATEST};

    fn writers_of(topic: &str) -> Vec<Role> {
        let subject = Subject::Topic(topic.to_owned());
        let writes =
            |(_, on, right): &(Role, Subject, Right)| *on == subject && *right == Right::Write;
        let of_topic = rights().into_iter().filter(writes);
        of_topic.map(|(role, _, _)| role).collect()
    }

    #[test]
    fn each_promise_about_writers_holds() {
        assert_eq!(writers_of(VERDICTS), [Role::Evaluator]);
        assert_eq!(writers_of(VERDICTS_LATEST), [Role::ResultsSink]);
        assert!(!writers_of(SUBMISSIONS).contains(&Role::Evaluator));
        let analytics = |(role, _, right): &(Role, Subject, Right)| {
            *role == Role::Analytics && *right == Right::Write
        };
        assert_eq!(rights().iter().find(|right| analytics(right)), None);
    }

    #[test]
    fn who_reads_a_lane_in_a_group_may_be_a_member_of_one() {
        let rights = rights();
        for role in [Role::Evaluator, Role::ResultsSink, Role::Analytics] {
            let member = rights.iter().any(|(of, subject, right)| {
                *of == role && matches!(subject, Subject::Groups(_)) && *right == Right::Read
            });
            assert!(member, "{}", role.name());
            for lane in CLIENT_LANES {
                let read = (role, Subject::Topic(lane.to_owned()), Right::Read);
                assert!(rights.contains(&read), "{read:?}");
            }
        }
    }

    #[test]
    fn a_role_is_known_by_its_name_in_the_file() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        let unknown = "judge".parse::<Role>().map_err(|error| error.to_string());
        assert!(unknown.is_err_and(|text| text.contains("`judge`")));
    }
}
