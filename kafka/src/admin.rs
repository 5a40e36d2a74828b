//! Topics as declared against topics as they are: find the differences, explain them, mend what is safe.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::MetadataTopic;

use crate::ClientConfig;
use crate::client::LogContext;

/// Time between two looks at a cluster that is taking changes in.
const SETTLING_STEP: Duration = Duration::from_millis(50);

/// One topic as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

impl Difference {
    /// The topic concerned.
    pub fn topic(&self) -> &str {
        match self {
            Self::Missing { spec } => &spec.name,
            Self::Partitions { topic, .. }
            | Self::Replication { topic, .. }
            | Self::Config { topic, .. } => topic,
        }
    }

    /// Whether [`Admin::apply`] mends it. What it does not mend would lose or misplace records.
    pub fn is_mendable(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Config { .. } => true,
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
                         or \"the first record wins\" means nothing. Declare {actual}, or move to a new topic"
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
        }
    }
}

/// Why a cluster could not be looked at or changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No answer.
    #[error("failed to {doing}: check --bootstrap-servers and that the cluster runs")]
    Kafka {
        /// What was tried.
        doing: String,
        /// What librdkafka says.
        #[source]
        source: KafkaError,
    },
    /// The cluster answered with a refusal.
    #[error("the cluster refused to {doing}: {code}")]
    Refused {
        /// What was tried.
        doing: String,
        /// Kafka's reason.
        code: RDKafkaErrorCode,
    },
    /// Some differences cannot be mended; nothing was changed.
    #[error("nothing was changed, because these differences need a decision: {}", list(.0))]
    NotMendable(Vec<Difference>),
    /// The cluster took the changes and does not show them.
    #[error("the cluster took the changes but does not show them yet, look again with plan: {}", list(.0))]
    NotSettled(Vec<Difference>),
}

fn list(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(Difference::to_string).collect();
    lines.join("; ")
}

/// Looks at the topics of a cluster and changes them.
pub struct Admin {
    client: Arc<AdminClient<LogContext>>,
    request_timeout: Duration,
}

impl Admin {
    /// Connects.
    pub fn new(config: &ClientConfig) -> Result<Self, AdminError> {
        let client = config
            .admin()
            .create_with_context(LogContext)
            .map_err(|source| AdminError::Kafka {
                doing: "create an admin client".to_owned(),
                source,
            })?;
        Ok(Self {
            client: Arc::new(client),
            request_timeout: config.request_timeout(),
        })
    }

    /// Every difference between the cluster and what is declared; empty means they agree.
    pub async fn plan(&self, declared: &[TopicSpec]) -> Result<Vec<Difference>, AdminError> {
        let shapes = self.shapes().await?;
        let present: Vec<&TopicSpec> = declared
            .iter()
            .filter(|spec| shapes.contains_key(&spec.name))
            .collect();
        let configs = self.configs(&present).await?;
        let mut differences = Vec::new();
        for spec in declared {
            match shapes.get(&spec.name) {
                None => differences.push(Difference::Missing { spec: spec.clone() }),
                Some(shape) => {
                    differences.extend(shape_differences(spec, *shape));
                    let actual = configs.get(&spec.name);
                    differences
                        .extend(config_differences(spec, actual.unwrap_or(&BTreeMap::new())));
                }
            }
        }
        Ok(differences)
    }

    /// Mends every difference, or changes nothing if one of them cannot be mended. Returns what was
    /// mended.
    pub async fn apply(&self, declared: &[TopicSpec]) -> Result<Vec<Difference>, AdminError> {
        let differences = self.plan(declared).await?;
        let (mendable, rest): (Vec<_>, Vec<_>) =
            differences.into_iter().partition(Difference::is_mendable);
        if !rest.is_empty() {
            return Err(AdminError::NotMendable(rest));
        }
        let missing: Vec<&TopicSpec> = mendable
            .iter()
            .filter_map(|difference| match difference {
                Difference::Missing { spec } => Some(spec),
                _ => None,
            })
            .collect();
        self.create(&missing).await?;
        for spec in declared {
            let of_topic = mendable.iter().filter(|it| it.topic() == spec.name);
            self.mend(spec, &of_topic.collect::<Vec<_>>()).await?;
        }
        self.settled(declared).await?;
        Ok(mendable)
    }

    /// Waits until the cluster shows what it has taken: a broker learns of changes a moment after
    /// the controller has made them, and until then a service would refuse to start.
    async fn settled(&self, declared: &[TopicSpec]) -> Result<(), AdminError> {
        let deadline = Instant::now() + self.request_timeout;
        loop {
            let differences = self.plan(declared).await?;
            if differences.is_empty() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(AdminError::NotSettled(differences));
            }
            tokio::time::sleep(SETTLING_STEP).await;
        }
    }

    async fn mend(&self, spec: &TopicSpec, differences: &[&Difference]) -> Result<(), AdminError> {
        let any = |wanted: fn(&Difference) -> bool| differences.iter().any(|found| wanted(found));
        if any(|found| matches!(found, Difference::Partitions { .. })) {
            self.add_partitions(spec).await?;
        }
        if any(|found| matches!(found, Difference::Config { .. })) {
            self.set_config(spec).await?;
        }
        Ok(())
    }

    async fn create(&self, specs: &[&TopicSpec]) -> Result<(), AdminError> {
        if specs.is_empty() {
            return Ok(());
        }
        let topics: Vec<NewTopic<'_>> = specs.iter().map(|spec| new_topic(spec)).collect();
        let answer = self.client.create_topics(&topics, &self.options()).await;
        let results = answer.map_err(|source| kafka("create topics", source))?;
        let refused = results.into_iter().filter_map(Result::err);
        // Two of us may apply at the same time.
        let mut refused = refused.filter(|(_, code)| *code != RDKafkaErrorCode::TopicAlreadyExists);
        match refused.next() {
            None => Ok(()),
            Some((topic, code)) => Err(AdminError::Refused {
                doing: format!("create topic `{topic}`"),
                code,
            }),
        }
    }

    async fn add_partitions(&self, spec: &TopicSpec) -> Result<(), AdminError> {
        let doing = format!("add partitions to topic `{}`", spec.name);
        let count = usize::try_from(spec.partitions).unwrap_or(0);
        let request = NewPartitions::new(&spec.name, count);
        let answer = self
            .client
            .create_partitions([&request], &self.options())
            .await;
        let results = answer.map_err(|source| kafka(&doing, source))?;
        match results.into_iter().find_map(Result::err) {
            None => Ok(()),
            Some((_, code)) => Err(AdminError::Refused { doing, code }),
        }
    }

    /// Replaces the topic's settings by the declared ones: what is not declared goes back to the
    /// cluster's default.
    async fn set_config(&self, spec: &TopicSpec) -> Result<(), AdminError> {
        let doing = format!("change the settings of topic `{}`", spec.name);
        let mut request = AlterConfig::new(ResourceSpecifier::Topic(&spec.name));
        for (name, value) in &spec.config {
            request = request.set(name, value);
        }
        let answer = self.client.alter_configs([&request], &self.options()).await;
        let results = answer.map_err(|source| kafka(&doing, source))?;
        match results.into_iter().find_map(Result::err) {
            None => Ok(()),
            Some((_, code)) => Err(AdminError::Refused { doing, code }),
        }
    }

    fn options(&self) -> AdminOptions {
        AdminOptions::new()
            .request_timeout(Some(self.request_timeout))
            .operation_timeout(Some(self.request_timeout))
    }

    /// Those of these topics that are not there. Asking does not create them, unlike sending.
    pub async fn missing(&self, topics: &[&str]) -> Result<Vec<String>, AdminError> {
        let shapes = self.shapes().await?;
        let missing = topics.iter().filter(|topic| !shapes.contains_key(**topic));
        Ok(missing.map(|topic| (*topic).to_owned()).collect())
    }

    /// Partitions and fewest copies of each topic that exists.
    async fn shapes(&self) -> Result<BTreeMap<String, Shape>, AdminError> {
        let (client, timeout) = (Arc::clone(&self.client), self.request_timeout);
        let doing = "read the cluster's topics";
        // librdkafka has no other way to ask than to block for the answer.
        let asked = tokio::task::spawn_blocking(move || {
            let metadata = client.inner().fetch_metadata(None, timeout)?;
            let topics = metadata.topics().iter();
            let existing = topics.filter(|topic| !topic.partitions().is_empty());
            Ok(existing
                .map(|topic| (topic.name().to_owned(), Shape::of(topic)))
                .collect())
        });
        let answer = asked.await.unwrap_or(Err(KafkaError::Canceled));
        answer.map_err(|source| kafka(doing, source))
    }

    async fn configs(
        &self,
        topics: &[&TopicSpec],
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, AdminError> {
        if topics.is_empty() {
            return Ok(BTreeMap::new());
        }
        let doing = "read the topics' settings";
        let resources: Vec<ResourceSpecifier<'_>> = topics
            .iter()
            .map(|spec| ResourceSpecifier::Topic(&spec.name))
            .collect();
        let answer = self
            .client
            .describe_configs(&resources, &self.options())
            .await;
        let mut configs = BTreeMap::new();
        // Answers come in the order of the questions.
        for (spec, result) in topics
            .iter()
            .zip(answer.map_err(|source| kafka(doing, source))?)
        {
            let resource = result.map_err(|code| AdminError::Refused {
                doing: format!("read the settings of topic `{}`", spec.name),
                code,
            })?;
            let settings = resource.entries.into_iter();
            let settings = settings.filter_map(|entry| Some((entry.name, entry.value?)));
            configs.insert(spec.name.clone(), settings.collect());
        }
        Ok(configs)
    }
}

fn new_topic(spec: &TopicSpec) -> NewTopic<'_> {
    let replication = TopicReplication::Fixed(spec.replication);
    let topic = NewTopic::new(&spec.name, spec.partitions, replication);
    let settings = spec.config.iter();
    settings.fold(topic, |topic, (name, value)| topic.set(name, value))
}

#[derive(Clone, Copy)]
struct Shape {
    partitions: i32,
    replication: i32,
}

impl Shape {
    fn of(topic: &MetadataTopic) -> Self {
        let copies = topic.partitions().iter().map(|it| it.replicas().len());
        Self {
            partitions: saturating(topic.partitions().len()),
            replication: saturating(copies.min().unwrap_or(0)),
        }
    }
}

fn shape_differences(spec: &TopicSpec, actual: Shape) -> Vec<Difference> {
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

fn config_differences(spec: &TopicSpec, actual: &BTreeMap<String, String>) -> Vec<Difference> {
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

fn kafka(doing: &str, source: KafkaError) -> AdminError {
    AdminError::Kafka {
        doing: doing.to_owned(),
        source,
    }
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
