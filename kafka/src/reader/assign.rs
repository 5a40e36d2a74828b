//! What a rebalance does: find out where to read, and assign with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, mpsc as std_mpsc};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use tokio::sync::mpsc;

use super::{OffsetSource, ReaderError, SourceError, TopicPartition};
use crate::client;

type Known = std::collections::HashMap<TopicPartition, i64>;

/// A question of the polling thread to the task that owns the [`OffsetSource`].
pub(super) struct OffsetRequest {
    partitions: Vec<TopicPartition>,
    reply: std_mpsc::SyncSender<Result<Known, SourceError>>,
}

/// Answers offset requests until the polling thread is gone.
pub(super) async fn answer_requests(
    source: impl OffsetSource,
    mut requests: mpsc::Receiver<OffsetRequest>,
) {
    while let Some(request) = requests.recv().await {
        let answer = source.next_offsets(&request.partitions).await;
        // The thread may have stopped waiting.
        let _ = request.reply.send(answer);
    }
}

/// What the callbacks did, for the polling loop to tell.
pub(super) enum Change {
    Assigned(BTreeMap<TopicPartition, Option<i64>>),
    Revoked(Vec<TopicPartition>),
    Failed(ReaderError),
}

/// librdkafka's callbacks. They run on the polling thread, inside `poll`.
pub(super) struct Rebalancer {
    requests: mpsc::Sender<OffsetRequest>,
    timeout: Duration,
    changes: Mutex<Vec<Change>>,
}

impl Rebalancer {
    pub(super) fn new(requests: mpsc::Sender<OffsetRequest>, timeout: Duration) -> Self {
        Self {
            requests,
            timeout,
            changes: Mutex::default(),
        }
    }

    pub(super) fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, change: Change) {
        self.changes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(change);
    }

    fn assign(&self, consumer: &BaseConsumer<Self>, assigned: &TopicPartitionList) {
        let partitions = named(assigned);
        let positions = match self.positions(consumer, &partitions) {
            Ok(positions) => positions,
            Err(error) => {
                // librdkafka waits for an answer to every rebalance, also for this one.
                let _ = add_to_assignment(consumer, &TopicPartitionList::new());
                return self.note(Change::Failed(error));
            }
        };
        let assigned = with_offsets(&positions).and_then(|list| add_to_assignment(consumer, &list));
        self.note(match assigned {
            Ok(()) => Change::Assigned(positions),
            Err(error) => Change::Failed(ReaderError::Client(error.to_string())),
        });
    }

    fn positions(
        &self,
        consumer: &BaseConsumer<Self>,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, Option<i64>>, ReaderError> {
        let known = self.ask(partitions)?;
        // One time for all of them: many partitions on a cluster that is away must not outlast a stop or the membership.
        let give_up = Instant::now() + self.timeout;
        for (partition, &next_offset) in &known {
            let left = give_up.saturating_duration_since(Instant::now());
            check_bounds(consumer, partition, next_offset, left)?;
        }
        let position =
            |partition: &TopicPartition| (partition.clone(), known.get(partition).copied());
        Ok(partitions.iter().map(position).collect())
    }

    fn ask(&self, partitions: &[TopicPartition]) -> Result<Known, ReaderError> {
        let unavailable = |reason: String| ReaderError::OffsetsUnavailable { reason };
        if partitions.is_empty() {
            return Ok(Known::new());
        }
        let (reply, answer) = std_mpsc::sync_channel(1);
        let request = OffsetRequest {
            partitions: partitions.to_vec(),
            reply,
        };
        self.requests
            .try_send(request)
            .map_err(|_| unavailable("the task that knows them is gone or busy".into()))?;
        let mut known = answer
            .recv_timeout(self.timeout)
            .map_err(|_| unavailable(format!("no answer within {:?}", self.timeout)))?
            .map_err(|error| unavailable(error.to_string()))?;
        known.retain(|partition, _| partitions.contains(partition));
        Ok(known)
    }

    fn revoke(&self, consumer: &BaseConsumer<Self>, revoked: &TopicPartitionList) {
        // The client remembers a pause across assignments; nobody would ever lift it.
        if let Err(error) = consumer.resume(revoked) {
            tracing::warn!(error = %error, "failed to resume partitions before leaving them");
        }
        let removed = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(revoked),
            _ => consumer.unassign(),
        };
        if let Err(error) = removed {
            self.note(Change::Failed(ReaderError::Client(error.to_string())));
        }
        self.note(Change::Revoked(named(revoked)));
    }
}

impl ClientContext for Rebalancer {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        client::log_error(&error, reason);
    }
}

impl ConsumerContext for Rebalancer {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        error: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        match error {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                self.assign(consumer, partitions)
            }
            _ => self.revoke(consumer, partitions),
        }
    }
}

fn add_to_assignment(
    consumer: &BaseConsumer<Rebalancer>,
    partitions: &TopicPartitionList,
) -> KafkaResult<()> {
    match consumer.rebalance_protocol() {
        RebalanceProtocol::Cooperative => consumer.incremental_assign(partitions),
        _ => consumer.assign(partitions),
    }
}

/// `auto.offset.reset=error` would tell too, but not how much was lost.
fn check_bounds(
    consumer: &BaseConsumer<Rebalancer>,
    partition: &TopicPartition,
    next_offset: i64,
    timeout: Duration,
) -> Result<(), ReaderError> {
    let (log_start, log_end) = consumer
        .fetch_watermarks(&partition.topic, partition.partition, timeout)
        .map_err(|error| ReaderError::OffsetsUnavailable {
            reason: format!("failed to ask for the bounds of {partition}: {error}"),
        })?;
    if next_offset < log_start {
        let partition = partition.clone();
        return Err(ReaderError::RetentionBreach {
            partition,
            next_offset,
            log_start,
        });
    }
    if next_offset > log_end {
        let partition = partition.clone();
        return Err(ReaderError::BeyondLogEnd {
            partition,
            next_offset,
            log_end,
        });
    }
    Ok(())
}

fn with_offsets(
    positions: &BTreeMap<TopicPartition, Option<i64>>,
) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(positions.len());
    for (partition, position) in positions {
        let offset = position.map_or(Offset::Beginning, Offset::Offset);
        list.add_partition_offset(&partition.topic, partition.partition, offset)?;
    }
    Ok(list)
}

fn named(list: &TopicPartitionList) -> Vec<TopicPartition> {
    if list.count() == 0 {
        return Vec::new();
    }
    let elements = list.elements();
    elements
        .iter()
        .map(|one| TopicPartition::new(one.topic(), one.partition()))
        .collect()
}
