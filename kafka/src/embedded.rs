//! An in-memory broker inside this process: librdkafka's mock cluster.
//!
//! For trying out and for tests that take milliseconds. It speaks the real protocol over loopback,
//! with real consumer groups and stored offset metadata. It has no admin API (topics are created
//! here), no replication, no time retention, no transactions worth the name; and each partition
//! silently drops its oldest records beyond [`MAX_PARTITION_BYTES`] or [`MAX_PARTITION_RECORDS`],
//! which is why whoever accepts submissions on it must ask a [`Budget`] first.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, DefaultProducerContext, Producer};

use crate::partitioner::partition_for;

/// Bytes after which a partition drops its oldest records.
pub const MAX_PARTITION_BYTES: usize = 5 << 20;
/// Records after which a partition drops its oldest.
pub const MAX_PARTITION_RECORDS: usize = 100_000;

/// Time for members to gather before the first assignment of a group: none; the default is 3 s.
const INITIAL_REBALANCE_DELAY_MS: i32 = 0;

/// Whether a cluster with this id is an embedded broker, of this process or of another.
pub fn is_cluster_id(id: &str) -> bool {
    id.starts_with("mockCluster")
}

/// Why the embedded broker did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// It did not start.
    #[error("failed to start the embedded broker")]
    Start(#[source] KafkaError),
    /// A topic was not created.
    #[error("failed to create topic `{topic}` on the embedded broker")]
    CreateTopic {
        /// Its name.
        topic: String,
        /// What librdkafka says.
        #[source]
        source: KafkaError,
    },
}

/// One in-memory broker; it ends, with all its records, when this is dropped.
pub struct Broker {
    // The mock cluster belongs to this client and is only borrowed from it, call by call.
    owner: BaseProducer<DefaultProducerContext>,
    bootstrap_servers: String,
}

impl Broker {
    /// Starts a broker on a free loopback port, in about a millisecond.
    pub fn start() -> Result<Self, EmbeddedError> {
        let owner: BaseProducer<DefaultProducerContext> = rdkafka::ClientConfig::new()
            .set("test.mock.num.brokers", "1")
            .set("client.id", "embedded-broker")
            .set_log_level(rdkafka::config::RDKafkaLogLevel::Error)
            .create()
            .map_err(EmbeddedError::Start)?;
        let missing = || KafkaError::ClientCreation("no mock cluster".to_owned());
        let bootstrap_servers = owner
            .client()
            .mock_cluster()
            .ok_or_else(|| EmbeddedError::Start(missing()))?
            .bootstrap_servers();
        do_not_wait_for_members(&owner);
        Ok(Self {
            owner,
            bootstrap_servers,
        })
    }

    /// Starts a broker with these topics: name and partitions.
    pub fn with_topics(topics: &[(&str, i32)]) -> Result<Self, EmbeddedError> {
        let broker = Self::start()?;
        for (topic, partitions) in topics {
            broker.create_topic(topic, *partitions)?;
        }
        Ok(broker)
    }

    /// Where clients connect.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Creates a topic. An unknown topic that is written to also comes into being, with four
    /// partitions: the mock cluster cannot be told not to.
    pub fn create_topic(&self, topic: &str, partitions: i32) -> Result<(), EmbeddedError> {
        let created = match self.owner.client().mock_cluster() {
            Some(cluster) => cluster.create_topic(topic, partitions, 1),
            None => Err(KafkaError::ClientCreation("no mock cluster".to_owned())),
        };
        created.map_err(|source| EmbeddedError::CreateTopic {
            topic: topic.to_owned(),
            source,
        })
    }

    /// Takes the broker off the network, or brings it back; its records stay.
    pub fn set_reachable(&self, reachable: bool) -> Result<(), EmbeddedError> {
        let Some(cluster) = self.owner.client().mock_cluster() else {
            return Ok(());
        };
        let changed = if reachable {
            cluster.broker_up(1)
        } else {
            cluster.broker_down(1)
        };
        changed.map_err(EmbeddedError::Start)
    }
}

/// The one setting that rust-rdkafka does not wrap.
#[expect(unsafe_code, reason = "rust-rdkafka has no call for it")]
fn do_not_wait_for_members(owner: &BaseProducer<DefaultProducerContext>) {
    // SAFETY: the client is alive for the whole call, and so is the mock cluster it owns; the
    // function takes the cluster's own lock and keeps no pointer.
    unsafe {
        let cluster = rdkafka_sys::rd_kafka_handle_mock_cluster(owner.client().native_ptr());
        if !cluster.is_null() {
            rdkafka_sys::rd_kafka_mock_group_initial_rebalance_delay_ms(
                cluster,
                INITIAL_REBALANCE_DELAY_MS,
            );
        }
    }
}

/// Refused: the partition would come close to dropping records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the embedded broker is full (topic `{topic}`, partition {partition}): restart it, or use Apache Kafka"
)]
pub struct Full {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
}

/// Counts what went into each partition, so that nothing is accepted that would push older records
/// out. It counts every record ever written: a partition of the embedded broker never empties.
#[derive(Debug)]
pub struct Budget {
    topics: HashMap<String, Mutex<Vec<Use>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Use {
    bytes: usize,
    records: usize,
}

/// What a record costs beyond its own bytes: batch header, lengths, time stamps, common headers.
const RECORD_OVERHEAD_BYTES: usize = 256;

impl Budget {
    /// A budget for these topics: name and partitions.
    pub fn new(topics: &[(&str, i32)]) -> Self {
        let empty =
            |partitions: i32| vec![Use::default(); usize::try_from(partitions).unwrap_or(0)];
        Self {
            topics: topics
                .iter()
                .map(|(topic, partitions)| ((*topic).to_owned(), Mutex::new(empty(*partitions))))
                .collect(),
        }
    }

    /// Takes room for one record, or refuses. Uncompressed sizes are counted, so the bound is safe.
    pub fn reserve(&self, topic: &str, key: &[u8], payload_bytes: usize) -> Result<(), Full> {
        let Some(partitions) = self.topics.get(topic) else {
            return Ok(());
        };
        let mut partitions = partitions.lock().unwrap_or_else(PoisonError::into_inner);
        let index = partition_for(key, partitions.len());
        let used = &mut partitions[index];
        let bytes = used.bytes + key.len() + payload_bytes + RECORD_OVERHEAD_BYTES;
        if bytes > MAX_PARTITION_BYTES || used.records + 1 > MAX_PARTITION_RECORDS {
            return Err(Full {
                topic: topic.to_owned(),
                partition: i32::try_from(index).unwrap_or(i32::MAX),
            });
        }
        used.bytes = bytes;
        used.records += 1;
        Ok(())
    }

    /// Gives back room that was reserved for more than was written, or for what was never sent.
    pub fn give_back(&self, topic: &str, key: &[u8], payload_bytes: usize) {
        if let Some(partitions) = self.topics.get(topic) {
            let mut partitions = partitions.lock().unwrap_or_else(PoisonError::into_inner);
            let index = partition_for(key, partitions.len());
            partitions[index].bytes = partitions[index].bytes.saturating_sub(payload_bytes);
        }
    }
}
