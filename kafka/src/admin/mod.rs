//! Topics and ACLs as declared against those that are: find the differences, explain them, mend what is safe.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::client::LogContext;
use crate::{ClientConfig, embedded};
use difference::{Shape, config_differences, shape_differences};
use succession::succession_differences;

mod acl;
mod acls;
mod difference;
mod error;
mod permissions;
mod succession;

pub use acl::{Acl, AclDifference, AclState, Operation, ResourceKind, acl_differences};
pub use difference::{Difference, TopicSpec};
pub use error::AdminError;
pub use succession::Source;

/// Time between two looks at a cluster that is taking changes in.
const SETTLING_STEP: Duration = Duration::from_millis(50);

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
        self.refuse_embedded().await?;
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
                    differences.extend(succession_differences(spec, &configs));
                }
            }
        }
        Ok(differences)
    }

    /// The embedded broker answers nothing about topics, not even that it does not: without this a
    /// request to it would run into its time-out.
    async fn refuse_embedded(&self) -> Result<(), AdminError> {
        let (client, timeout) = (Arc::clone(&self.client), self.request_timeout);
        let asked = tokio::task::spawn_blocking(move || client.inner().fetch_cluster_id(timeout));
        match asked.await.ok().flatten() {
            Some(id) if embedded::is_cluster_id(&id) => Err(AdminError::Embedded),
            _ => Ok(()),
        }
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

    /// How many partitions the topic has; none if it is not there.
    pub async fn partitions(&self, topic: &str) -> Result<usize, AdminError> {
        let shapes = self.shapes().await?;
        let partitions = shapes.get(topic).map_or(0, |shape| shape.partitions);
        Ok(usize::try_from(partitions).unwrap_or(0))
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

fn kafka(doing: &str, source: KafkaError) -> AdminError {
    AdminError::Kafka {
        doing: doing.to_owned(),
        source,
    }
}
