//! What a consumer can be asked about itself, for metrics and health.

use std::time::Duration;

/// A snapshot of the whole consumer.
#[derive(Clone, Debug, Default)]
pub struct ConsumerStatus {
    /// Time since the polling thread last came round; grows when it is stuck or gone.
    pub heartbeat_age: Duration,
    /// The polling thread has ended.
    pub stopped: bool,
    /// Round trip of the last acknowledged commit.
    pub commit_latency: Option<Duration>,
    /// Round trips of all acknowledged commits together.
    pub commit_time: Duration,
    /// How long the last hand-off took: from a revoke to its acknowledged clean commit.
    pub hand_off: Option<Duration>,
    /// Commits acknowledged.
    pub commits: u64,
    /// Commits that failed; each was or will be repeated.
    pub commit_failures: u64,
    /// Errors the client reported and recovers from by itself.
    pub client_errors: u64,
    /// Partitions that became another's before we could leave them in order: we were too slow for our group.
    pub lost: u64,
    /// Records received again and dropped.
    pub refetched: u64,
    /// The partitions we own.
    pub partitions: Vec<PartitionStatus>,
}

/// A snapshot of one owned partition.
#[derive(Clone, Debug, Default)]
pub struct PartitionStatus {
    /// Topic.
    pub topic: String,
    /// Partition within the topic.
    pub partition: i32,
    /// The assignment's name.
    pub epoch: u64,
    /// Lowest offset that is not done; `None` before the first record of a partition never committed.
    pub frontier: Option<i64>,
    /// Offset below which records may start.
    pub horizon: Option<i64>,
    /// Next offset to receive.
    pub next_offset: Option<i64>,
    /// Offset after the last readable record, from the client's statistics; a few seconds old.
    pub end_offset: Option<i64>,
    /// Records received and not done.
    pub outstanding: usize,
    /// Of these, waiting here and not handed out.
    pub queued: usize,
    /// Handed out and not started.
    pub ready: usize,
    /// Running.
    pub running: usize,
    /// Suspects that wait for a start.
    pub suspects: usize,
    /// Held for a former owner.
    pub held: usize,
    /// Time stamp of the record at the frontier, ms since the epoch; its age tells a stuck partition.
    pub frontier_timestamp_ms: Option<i64>,
    /// Fetching is paused because the buffer or the window is full.
    pub paused: bool,
}
