//! Settings of a consumer.

use std::time::Duration;

use super::ConsumerError;
use crate::ClientConfig;

/// Events beside ready records (grants, held records, assignments) that find room in the channel.
const OTHER_EVENTS: usize = 256;

/// The polling thread's wait for a record where nothing is delayed: how late a change can reach the committer.
const POLL_TIMEOUT: Duration = Duration::from_millis(10);
/// The same where records wait for minutes.
const LONGEST_POLL_TIMEOUT: Duration = Duration::from_millis(100);

/// Largest window whose bitmap, with the hints beside it, always fits the broker's 4096 bytes of metadata.
pub const MAX_WINDOW: usize = 16_384;

/// Settings of one [`Consumer`](super::Consumer).
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    /// How to reach the cluster.
    pub client: ClientConfig,
    /// The consumer group.
    pub group_id: String,
    /// Topics to read; a [`PartitionId`](super::PartitionId) names them by index.
    pub topics: Vec<String>,
    /// Offsets between the frontier and the last record taken, per partition: a power of two from 64 to [`MAX_WINDOW`]. Default 16,384.
    pub window: usize,
    /// Records handed out and not yet started, over all partitions; about twice the slots. Default 16.
    pub ready_ahead: usize,
    /// How long after its time stamp a record may be handed out: the same for all, so that a partition's records become due
    /// in their order. Those not due are kept here, within the bounds below; then partitions are paused. Default: at once.
    pub delay: Duration,
    /// Records kept here beyond those handed out, over all partitions, before partitions are paused. Default 2,048.
    pub buffer_records: usize,
    /// Bytes kept here, likewise. Default 8 MiB.
    pub buffer_bytes: usize,
    /// Longest time a change waits for its commit when nothing waits for the commit. Default 50 ms.
    pub commit_interval: Duration,
    /// Longest time a revoke waits for its commits. Default 5 s.
    pub revoke_timeout: Duration,
    /// Time after which a silent member is dead (classic protocol). Default 10 s.
    pub session_timeout: Duration,
    /// Time between heartbeats (classic protocol). Default 1 s.
    pub heartbeat_interval: Duration,
}

impl ConsumerConfig {
    /// The defaults, for these topics.
    pub fn new(client: ClientConfig, group_id: impl Into<String>, topics: Vec<String>) -> Self {
        Self {
            client,
            group_id: group_id.into(),
            topics,
            window: MAX_WINDOW,
            ready_ahead: 16,
            delay: Duration::ZERO,
            buffer_records: 2_048,
            buffer_bytes: 8 << 20,
            commit_interval: Duration::from_millis(50),
            revoke_timeout: Duration::from_secs(5),
            session_timeout: Duration::from_secs(10),
            heartbeat_interval: Duration::from_secs(1),
        }
    }

    /// Whether the member has a lasting name.
    pub(super) fn is_static(&self) -> bool {
        self.client_settings().get("group.instance.id").is_some()
    }

    /// Refuses settings that cannot work.
    pub(super) fn check(&self) -> Result<(), ConsumerError> {
        let wrong = |setting, problem: &str| {
            Err(ConsumerError::Setting {
                setting,
                problem: problem.to_owned(),
            })
        };
        if self.group_id.is_empty() {
            return wrong("group_id", "is empty");
        }
        if self.topics.is_empty() || self.topics.len() > usize::from(u16::MAX) {
            return wrong("topics", "name at least one topic");
        }
        if !self.window.is_power_of_two() || !(64..=MAX_WINDOW).contains(&self.window) {
            return wrong("window", "must be a power of two from 64 to 16384");
        }
        if self.ready_ahead == 0 {
            return wrong("ready_ahead", "must be at least 1");
        }
        if self.buffer_records == 0 || self.buffer_bytes == 0 {
            return wrong("buffer_records", "must be at least 1");
        }
        Ok(())
    }

    /// Room in the event channel. A full one only delays events, so this need not be exact.
    pub(super) fn events_capacity(&self) -> usize {
        2 * self.ready_ahead + OTHER_EVENTS
    }

    /// Longest wait of the polling thread for a record: how late one that has become due is handed out. Who waits for long
    /// waits without haste, so that a lane of delayed records costs nothing while it is idle.
    pub(super) fn poll_timeout(&self) -> Duration {
        let unhurried = self.delay / 100;
        unhurried.clamp(POLL_TIMEOUT, LONGEST_POLL_TIMEOUT)
    }

    /// Longest time that a broker may keep a fetch that has found nothing.
    fn fetch_wait(&self) -> Duration {
        5 * self.poll_timeout()
    }

    /// The librdkafka settings; those of the client's owner win.
    pub(super) fn client_settings(&self) -> rdkafka::ClientConfig {
        let session = self.session_timeout.as_millis().to_string();
        let heartbeat = self.heartbeat_interval.as_millis().to_string();
        // A pause throws prefetched records away, so there are never many of them.
        let fetch_wait = self.fetch_wait().as_millis().to_string();
        let prefetch = (4 * self.ready_ahead).clamp(16, 1_000).to_string();
        let settings = [
            ("session.timeout.ms", session.as_str()),
            ("heartbeat.interval.ms", &heartbeat),
            ("queued.min.messages", &prefetch),
            ("fetch.message.max.bytes", "262144"),
            ("fetch.wait.max.ms", &fetch_wait),
            ("statistics.interval.ms", "5000"),
        ];
        self.client.member(&self.group_id, &settings)
    }
}
