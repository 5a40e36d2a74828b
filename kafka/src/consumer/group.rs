//! The client's callbacks. They run on the polling thread, inside `poll`; at the very end on the one that closes the client.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;

use super::shared::{Order, Shared};
use super::{ConsumerError, PartitionId};
use crate::client;

/// One try to read the committed offsets, and all tries together; below `max.poll.interval.ms`.
const OFFSETS_TRY: Duration = Duration::from_secs(5);
const OFFSETS_TIMEOUT: Duration = Duration::from_secs(30);
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// A client that calls back here.
pub(super) type Client = BaseConsumer<Callbacks>;

/// Receives rebalances and statistics.
pub(super) struct Callbacks(pub(super) Arc<Shared>);

impl ClientContext for Callbacks {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        client::log_error(&error, reason);
    }

    fn stats(&self, statistics: Statistics) {
        let mut assignment = self.0.lock();
        for (name, topic) in &statistics.topics {
            for partition in topic.partitions.values() {
                if let Some(id) = assignment.partition_id(name, partition.partition) {
                    assignment.note_end(id, partition.ls_offset);
                }
            }
        }
    }
}

impl ConsumerContext for Callbacks {
    fn rebalance(&self, client: &Client, code: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let done = match code {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(client, list),
            _ => self.revoke(client, list),
        };
        if let Err(error) = done {
            self.0.fail(ConsumerError::Client {
                group: self.0.group_id.clone(),
                cause: format!("a rebalance failed: {error}"),
            });
        }
    }
}

impl Callbacks {
    /// Reads what is committed, then assigns with explicit offsets: a seek afterwards would race the fetcher.
    fn assign(&self, client: &Client, list: &TopicPartitionList) -> KafkaResult<()> {
        let mut starts = TopicPartitionList::with_capacity(list.count());
        match self.committed(client, list) {
            Ok(committed) => self.take_over(&committed, &mut starts)?,
            Err(error) => self.0.fail(ConsumerError::CommittedOffsets {
                group: self.0.group_id.clone(),
                cause: error.to_string(),
            }),
        }
        match client.rebalance_protocol() {
            RebalanceProtocol::Cooperative => client.incremental_assign(&starts),
            RebalanceProtocol::Eager | RebalanceProtocol::None => client.assign(&starts),
        }
    }

    fn take_over(
        &self,
        committed: &TopicPartitionList,
        starts: &mut TopicPartitionList,
    ) -> KafkaResult<()> {
        let mut assignment = self.0.lock();
        for line in committed.elements() {
            let Some(id) = assignment.partition_id(line.topic(), line.partition()) else {
                continue;
            };
            let known = match line.offset() {
                Offset::Offset(offset) => Some((offset, line.metadata())),
                _ => None,
            };
            let start = assignment.assign(id, known);
            tracing::info!(
                group = %self.0.group_id,
                topic = line.topic(),
                partition = line.partition(),
                start,
                "partition assigned"
            );
            let start = start.map_or(Offset::Beginning, Offset::Offset);
            starts.add_partition_offset(line.topic(), line.partition(), start)?;
        }
        Ok(())
    }

    fn committed(
        &self,
        client: &Client,
        list: &TopicPartitionList,
    ) -> KafkaResult<TopicPartitionList> {
        let give_up = Instant::now() + OFFSETS_TIMEOUT;
        loop {
            match read_committed(client, list) {
                Err(error) if Instant::now() < give_up && self.0.ordered() == Order::Run => {
                    tracing::warn!(group = %self.0.group_id, %error, "failed to read committed offsets, trying again");
                    self.0.beat();
                    thread::sleep(RETRY_PAUSE);
                }
                result => return result,
            }
        }
    }

    /// Says how things stand, then lets go. What runs goes on; the next owner knows of it by the hints.
    fn revoke(&self, client: &Client, list: &TopicPartitionList) -> KafkaResult<()> {
        let ids = self.owned(list);
        // A partition we have lost is another's already: a commit now would speak over its owner.
        let lost = client.assignment_lost();
        if lost {
            self.0.lock().count_lost(ids.len());
        }
        self.unpause(client, &ids);
        self.0.let_go(&ids, !lost);
        match client.rebalance_protocol() {
            RebalanceProtocol::Cooperative => client.incremental_unassign(list),
            RebalanceProtocol::Eager | RebalanceProtocol::None => client.unassign(),
        }
    }

    /// The client remembers a pause across assignments; nobody would ever lift it.
    fn unpause(&self, client: &Client, ids: &[PartitionId]) {
        let paused = self.0.lock().paused_of(ids);
        let list = named(&self.0, &paused);
        if list.count() > 0
            && let Err(error) = client.resume(&list)
        {
            tracing::warn!(group = %self.0.group_id, %error, "failed to resume partitions before leaving them");
        }
    }

    fn owned(&self, list: &TopicPartitionList) -> Vec<PartitionId> {
        let assignment = self.0.lock();
        let owned = assignment.partitions();
        let elements = list.elements();
        let ids = elements
            .iter()
            .filter_map(|line| assignment.partition_id(line.topic(), line.partition()));
        ids.filter(|id| owned.contains(id)).collect()
    }
}

/// A list of partitions, without offsets.
pub(super) fn named(shared: &Shared, ids: &[PartitionId]) -> TopicPartitionList {
    let assignment = shared.lock();
    let mut list = TopicPartitionList::with_capacity(ids.len());
    for id in ids {
        list.add_partition(assignment.topic(*id), id.partition);
    }
    list
}

fn read_committed(client: &Client, list: &TopicPartitionList) -> KafkaResult<TopicPartitionList> {
    let mut wanted = TopicPartitionList::with_capacity(list.count());
    for line in list.elements() {
        wanted.add_partition(line.topic(), line.partition());
    }
    if wanted.count() == 0 {
        return Ok(wanted);
    }
    let committed = client.committed_offsets(wanted, OFFSETS_TRY)?;
    for line in committed.elements() {
        line.error()?;
    }
    Ok(committed)
}
