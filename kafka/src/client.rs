//! How every client of ours reaches the cluster, with every setting that matters written out.
//!
//! librdkafka's defaults differ from what we promise (a partitioner unlike Java's, no idempotence,
//! 64 MB of prefetch, a reset to the latest offset that loses records), so nothing is left to them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

/// The largest record any client of ours sends: above every topic's `max.message.bytes`, so that
/// the topic's own limit is the one that speaks.
const MAX_RECORD_BYTES: &str = "8388608";

const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

const EVERY_CLIENT: &[(&str, &str)] = &[
    ("socket.keepalive.enable", "true"),
    ("socket.nagle.disable", "true"),
    ("reconnect.backoff.ms", "50"),
    ("reconnect.backoff.max.ms", "2000"),
    ("topic.metadata.refresh.interval.ms", "30000"),
    // Our own error callback says it once; the default prints each retry of each broker.
    ("log.connection.close", "false"),
];

const PRODUCER: &[(&str, &str)] = &[
    // The same key must meet the same partition from Java, Go and Rust.
    ("partitioner", "murmur2_random"),
    ("compression.type", "lz4"),
    ("message.max.bytes", MAX_RECORD_BYTES),
    ("message.timeout.ms", "120000"),
    ("queue.buffering.max.kbytes", "65536"),
    ("queue.buffering.max.messages", "100000"),
    // A missing topic is reported after this, not after the default of half a minute.
    ("topic.metadata.propagation.max.ms", "5000"),
];

const CONSUMER: &[(&str, &str)] = &[
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    // The librdkafka default jumps to the latest offset and loses what lies between.
    ("auto.offset.reset", "error"),
    ("partition.assignment.strategy", "cooperative-sticky"),
    ("session.timeout.ms", "10000"),
    ("heartbeat.interval.ms", "1000"),
    ("max.poll.interval.ms", "60000"),
    ("queued.max.messages.kbytes", "4096"),
    ("fetch.queue.backoff.ms", "20"),
    ("fetch.wait.max.ms", "100"),
    ("fetch.error.backoff.ms", "100"),
    ("isolation.level", "read_committed"),
    ("check.crcs", "true"),
    ("allow.auto.create.topics", "false"),
];

/// What a member of a group is told by the broker in the new protocol, and librdkafka refuses to be told.
const DECIDED_BY_THE_BROKER: [&str; 3] = [
    "partition.assignment.strategy",
    "session.timeout.ms",
    "heartbeat.interval.ms",
];

/// Who computes a group's assignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupProtocol {
    /// Members, by `cooperative-sticky`.
    #[default]
    Classic,
    /// The broker (KIP-848); needs Kafka 4.0 or later.
    Consumer,
}

impl GroupProtocol {
    /// librdkafka's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
        }
    }
}

impl FromStr for GroupProtocol {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "classic" => Ok(Self::Classic),
            "consumer" => Ok(Self::Consumer),
            other => Err(format!(
                "no group protocol `{other}`: use `classic` or `consumer`"
            )),
        }
    }
}

/// Where the cluster is, who we are, and what the operator overrides.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// `host:port` list, separated by commas.
    pub bootstrap_servers: String,
    /// Name shown in the broker's logs and quotas.
    pub client_id: String,
    /// Raw librdkafka settings; they win over ours. Some of them are secrets: see the `Debug` below.
    pub properties: BTreeMap<String, String>,
    /// Who computes the assignment of the groups that its consumers join.
    pub group_protocol: GroupProtocol,
    /// The name of this member in every group it joins, for fleets whose members have lasting names: one that comes
    /// back within the session time-out gets its partitions back, and nobody else's move.
    pub group_instance_id: Option<String>,
}

/// Names settings and hides their values: any of them may be a secret.
impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("client_id", &self.client_id)
            .field("properties", &self.properties.keys())
            .field("group_protocol", &self.group_protocol)
            .field("group_instance_id", &self.group_instance_id)
            .finish()
    }
}

/// A setting that librdkafka refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Kafka setting `{name}` is refused: {reason}")]
pub struct InvalidSetting {
    /// The setting.
    pub name: String,
    /// What librdkafka says.
    pub reason: String,
}

impl ClientConfig {
    /// A configuration without overrides.
    pub fn new(bootstrap_servers: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            bootstrap_servers: bootstrap_servers.into(),
            client_id: client_id.into(),
            ..Self::default()
        }
    }

    /// The same cluster under another client id, so that logs and quotas tell clients apart.
    pub fn named(&self, client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            ..self.clone()
        }
    }

    /// Settings of a producer whose word counts: idempotent, acknowledged by all replicas in sync.
    pub fn durable_producer(&self) -> rdkafka::ClientConfig {
        let durable = [
            ("enable.idempotence", "true"),
            ("acks", "all"),
            ("linger.ms", "1"),
        ];
        self.build(&[PRODUCER, &durable])
    }

    /// Settings of a producer that may lose records, for progress.
    pub fn best_effort_producer(&self) -> rdkafka::ClientConfig {
        let best_effort = [
            ("enable.idempotence", "false"),
            ("acks", "1"),
            ("linger.ms", "5"),
            ("retries", "1"),
        ];
        self.build(&[PRODUCER, &best_effort])
    }

    /// Settings of a consumer. The caller adds its group and sizes; overrides must be applied last,
    /// so `settings` goes through here.
    pub fn consumer(&self, settings: &[(&str, &str)]) -> rdkafka::ClientConfig {
        let mut config = self.build(&[CONSUMER, settings]);
        if config.get("group.protocol") == Some(GroupProtocol::Consumer.name()) {
            for name in DECIDED_BY_THE_BROKER {
                config.remove(name);
            }
        }
        config
    }

    /// Settings of a consumer that joins a group.
    pub fn member(&self, group_id: &str, settings: &[(&str, &str)]) -> rdkafka::ClientConfig {
        let mut all = vec![
            ("group.id", group_id),
            ("group.protocol", self.group_protocol.name()),
        ];
        let instance_id = self.group_instance_id.as_deref();
        all.extend(instance_id.map(|id| ("group.instance.id", id)));
        all.extend(settings);
        self.consumer(&all)
    }

    /// Those of the operator's settings that the broker decides instead.
    pub fn decided_by_the_broker(&self) -> Vec<&'static str> {
        let asked = |name: &&str| self.properties.contains_key(*name);
        match self.group_protocol {
            GroupProtocol::Classic => Vec::new(),
            GroupProtocol::Consumer => DECIDED_BY_THE_BROKER.into_iter().filter(asked).collect(),
        }
    }

    /// Settings of an admin client.
    pub fn admin(&self) -> rdkafka::ClientConfig {
        self.build(&[])
    }

    /// Refuses a setting that librdkafka does not know, or a value that it does not take.
    pub fn check(&self) -> Result<(), InvalidSetting> {
        let checked = self.durable_producer().create_native_config();
        checked.map(drop).map_err(|error| match error {
            KafkaError::ClientConfig(_, reason, name, _) => InvalidSetting { name, reason },
            other => InvalidSetting {
                name: String::new(),
                reason: other.to_string(),
            },
        })
    }

    /// How long one blocking request may take: `socket.timeout.ms` if the operator sets it.
    pub fn request_timeout(&self) -> Duration {
        let set = self.properties.get("socket.timeout.ms");
        let set = set.and_then(|value| value.parse().ok());
        set.map_or(REQUEST_TIMEOUT, Duration::from_millis)
    }

    fn build(&self, layers: &[&[(&str, &str)]]) -> rdkafka::ClientConfig {
        let mut config = rdkafka::ClientConfig::new();
        for (name, value) in EVERY_CLIENT.iter().chain(layers.iter().copied().flatten()) {
            config.set(*name, *value);
        }
        config.set("bootstrap.servers", &self.bootstrap_servers);
        config.set("client.id", &self.client_id);
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config
    }
}

/// librdkafka's own log lines and errors, sent to where all others go.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogContext;

impl ClientContext for LogContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ConsumerContext for LogContext {}

/// Writes one of librdkafka's log lines; for contexts of one's own.
pub fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error, Info, Notice, Warning};
    match level {
        Emerg | Alert | Critical | Error => {
            tracing::error!(target: "librdkafka", facility, "{message}");
        }
        Warning => tracing::warn!(target: "librdkafka", facility, "{message}"),
        Notice | Info => tracing::info!(target: "librdkafka", facility, "{message}"),
        Debug => tracing::debug!(target: "librdkafka", facility, "{message}"),
    }
}

/// Writes one of librdkafka's client errors. They are warnings: the client goes on by itself, and
/// what it cannot mend comes back as the result of a call.
pub fn log_error(error: &KafkaError, reason: &str) {
    // Who asks for the ends of partitions is told; nobody else has to know.
    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
        return;
    }
    tracing::warn!(target: "librdkafka", error = %error, "{reason}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_sets_wins_over_what_we_set() {
        let mut config = ClientConfig::new("localhost:1", "test");
        config.properties.insert("acks".into(), "1".into());
        config
            .properties
            .insert("bootstrap.servers".into(), "localhost:2".into());
        let built = config.durable_producer();
        assert_eq!(built.get("acks"), Some("1"));
        assert_eq!(built.get("bootstrap.servers"), Some("localhost:2"));
        assert_eq!(built.get("enable.idempotence"), Some("true"));
        assert_eq!(built.get("partitioner"), Some("murmur2_random"));
    }

    #[test]
    fn a_setting_that_librdkafka_does_not_know_is_named() {
        let mut config = ClientConfig::new("localhost:1", "test");
        assert_eq!(config.check(), Ok(()));
        config.properties.insert("acsk".into(), "1".into());
        let error = config.check().err().map(|error| error.name);
        assert_eq!(error.as_deref(), Some("acsk"));
    }

    #[test]
    fn every_kind_of_client_is_accepted_by_librdkafka() -> Result<(), KafkaError> {
        let config = ClientConfig::new("localhost:1", "test");
        config.durable_producer().create_native_config()?;
        config.best_effort_producer().create_native_config()?;
        config.admin().create_native_config()?;
        config
            .consumer(&[("group.id", "g")])
            .create_native_config()?;
        config
            .consumer(&[("group.id", "g"), ("group.protocol", "consumer")])
            .create_native_config()?;
        Ok(())
    }

    #[test]
    fn the_new_group_protocol_gets_none_of_the_settings_it_refuses() -> Result<(), KafkaError> {
        let mut config = ClientConfig::new("localhost:1", "test");
        let classic = config.member("g", &[]);
        assert_eq!(classic.get("session.timeout.ms"), Some("10000"));
        assert_eq!(classic.get("group.protocol"), Some("classic"));
        assert_eq!(classic.get("group.instance.id"), None);

        config.group_protocol = GroupProtocol::Consumer;
        config.group_instance_id = Some("host-1".to_owned());
        let own = ("heartbeat.interval.ms".to_owned(), "500".to_owned());
        config.properties.extend([own]);
        let new = config.member("g", &[]);
        assert_eq!(new.get("session.timeout.ms"), None);
        assert_eq!(new.get("partition.assignment.strategy"), None);
        assert_eq!(new.get("heartbeat.interval.ms"), None);
        assert_eq!(new.get("group.instance.id"), Some("host-1"));
        assert_eq!(config.decided_by_the_broker(), ["heartbeat.interval.ms"]);
        new.create_native_config()?;
        Ok(())
    }

    #[test]
    fn a_configuration_can_be_printed_without_its_secrets() {
        let mut config = ClientConfig::new("localhost:1", "test");
        let secret = ("sasl.password".to_owned(), "hunter2".to_owned());
        config.properties.extend([secret]);
        let printed = format!("{config:?} {config:#?}");
        assert!(printed.contains("sasl.password"), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
