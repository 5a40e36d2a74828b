//! How a cluster can differ from what is declared, and what can be done about each way.

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::metadata::MetadataTopic;

use super::Source;

/// One topic as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicSpec {
    /// Name.
    pub name: String,
    /// Partitions.
    pub partitions: i32,
    /// Copies of each partition.
    pub replication: i32,
    /// Topic settings, for example `retention.ms`.
    pub config: BTreeMap<String, String>,
    /// Whether its partition count may never change, because readers rely on one key staying in
    /// one partition for ever.
    pub partitions_fixed: bool,
    /// The topics whose records move on to this one.
    pub successor_of: Vec<Source>,
}

/// One way in which the cluster differs from what is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The topic is not there.
    Missing {
        /// What to create.
        spec: TopicSpec,
    },
    /// It has another number of partitions.
    Partitions {
        /// Topic.
        topic: String,
        /// As declared.
        declared: i32,
        /// As it is.
        actual: i32,
        /// Whether the declaration forbids ever changing it.
        fixed: bool,
    },
    /// Its partitions have another number of copies.
    Replication {
        /// Topic.
        topic: String,
        /// As declared.
        declared: i32,
        /// As it is, in the partition with the fewest.
        actual: i32,
    },
    /// A setting has another value.
    Config {
        /// Topic.
        topic: String,
        /// Setting.
        name: String,
        /// As declared.
        declared: String,
        /// As it is; `None` if the broker does not know the setting.
        actual: Option<String>,
    },
    /// It cannot take over every record of a source of it, as both are.
    Succession {
        /// The topic that records move on to.
        topic: String,
        /// The topic they come from.
        source: String,
        /// Setting of the successor that is too small.
        name: String,
        /// As it is.
        actual: String,
        /// What it must be at least.
        needed: String,
    },
}

impl Difference {
    /// The topic concerned.
    pub fn topic(&self) -> &str {
        match self {
            Self::Missing { spec } => &spec.name,
            Self::Partitions { topic, .. }
            | Self::Replication { topic, .. }
            | Self::Config { topic, .. }
            | Self::Succession { topic, .. } => topic,
        }
    }

    /// Whether [`Admin::apply`] mends it. What it does not mend would lose or misplace records.
    pub fn is_mendable(&self) -> bool {
        match self {
            // Where a relation is broken, a setting differs from its declaration, too.
            Self::Missing { .. } | Self::Config { .. } | Self::Succession { .. } => true,
            Self::Partitions {
                declared,
                actual,
                fixed,
                ..
            } => !fixed && declared > actual,
            Self::Replication { .. } => false,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { spec } => write!(
                f,
                "topic `{}` is missing: {} partitions, {} copies",
                spec.name, spec.partitions, spec.replication
            ),
            Self::Partitions {
                topic,
                declared,
                actual,
                fixed,
            } => {
                write!(
                    f,
                    "topic `{topic}` has {actual} partitions, declared are {declared}"
                )?;
                if *fixed {
                    write!(
                        f,
                        "; its count can never change: all records of one key must stay in one partition, \
                         or \"the first record wins\" means nothing. On a cluster that was made with {actual}, declare {actual}. \
                         If it was changed later, stop everything that writes to it, let its readers come to its end, \
                         and make it anew with {declared}: docs/operating.md says how"
                    )
                } else if declared < actual {
                    write!(
                        f,
                        "; Kafka cannot remove partitions. Declare {actual}, or recreate the topic"
                    )
                } else {
                    write!(f, "; keys move to other partitions when they are added")
                }
            }
            Self::Replication {
                topic,
                declared,
                actual,
            } => write!(
                f,
                "topic `{topic}` has {actual} copies, declared are {declared}; \
                 change it with kafka-reassign-partitions, or choose the profile that fits the cluster"
            ),
            Self::Config {
                topic,
                name,
                declared,
                actual,
            } => write!(
                f,
                "topic `{topic}` has {name}={}, declared is {declared}",
                actual.as_deref().unwrap_or("(unknown)")
            ),
            Self::Succession {
                topic,
                source,
                name,
                actual,
                needed,
            } => write!(
                f,
                "topic `{topic}` has {name}={actual}, but records of `{source}` move on to it, and that needs {needed}: \
                 raise it before the source, lower it after"
            ),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) partitions: i32,
    replication: i32,
}

impl Shape {
    pub(super) fn of(topic: &MetadataTopic) -> Self {
        let copies = topic.partitions().iter().map(|it| it.replicas().len());
        Self {
            partitions: saturating(topic.partitions().len()),
            replication: saturating(copies.min().unwrap_or(0)),
        }
    }
}

pub(super) fn shape_differences(spec: &TopicSpec, actual: Shape) -> Vec<Difference> {
    let mut differences = Vec::new();
    if actual.partitions != spec.partitions {
        differences.push(Difference::Partitions {
            topic: spec.name.clone(),
            declared: spec.partitions,
            actual: actual.partitions,
            fixed: spec.partitions_fixed,
        });
    }
    if actual.replication != spec.replication {
        differences.push(Difference::Replication {
            topic: spec.name.clone(),
            declared: spec.replication,
            actual: actual.replication,
        });
    }
    differences
}

pub(super) fn config_differences(
    spec: &TopicSpec,
    actual: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let differing = spec
        .config
        .iter()
        .filter(|(name, declared)| actual.get(*name) != Some(declared));
    differing
        .map(|(name, declared)| Difference::Config {
            topic: spec.name.clone(),
            name: name.clone(),
            declared: declared.clone(),
            actual: actual.get(name).cloned(),
        })
        .collect()
}

fn saturating(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(partitions_fixed: bool) -> TopicSpec {
        TopicSpec {
            name: "verdicts".to_owned(),
            partitions: 24,
            replication: 3,
            config: BTreeMap::from([("retention.ms".to_owned(), "1000".to_owned())]),
            partitions_fixed,
            successor_of: Vec::new(),
        }
    }

    #[test]
    fn another_partition_count_of_a_fixed_topic_is_explained_and_never_mended() {
        let actual = Shape {
            partitions: 12,
            replication: 3,
        };
        let found = shape_differences(&spec(true), actual);
        assert_eq!(found.len(), 1);
        assert!(!found[0].is_mendable());
        let text = found[0].to_string();
        assert!(text.contains("can never change"), "{text}");
        assert!(shape_differences(&spec(false), actual)[0].is_mendable());
    }

    #[test]
    fn fewer_partitions_and_other_replication_need_a_decision() {
        let actual = Shape {
            partitions: 48,
            replication: 1,
        };
        let found = shape_differences(&spec(false), actual);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|difference| !difference.is_mendable()));
    }

    #[test]
    fn settings_are_compared_one_by_one() {
        let spec = spec(false);
        assert_eq!(config_differences(&spec, &spec.config), []);
        let found = config_differences(&spec, &BTreeMap::new());
        assert_eq!(
            found[0].to_string(),
            "topic `verdicts` has retention.ms=(unknown), declared is 1000"
        );
    }
}
