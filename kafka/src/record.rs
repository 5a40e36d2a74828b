//! A record as it was read from the log.

/// One record of one partition, copied out of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Topic it was read from.
    pub topic: String,
    /// Partition within the topic.
    pub partition: i32,
    /// Offset within the partition.
    pub offset: i64,
    /// The broker's or the client's time stamp, ms since the epoch, as the topic is configured.
    pub timestamp_ms: Option<i64>,
    /// Key, if it has one.
    pub key: Option<Vec<u8>>,
    /// Value; empty for a tombstone.
    pub payload: Vec<u8>,
    /// Headers in the order written; a header without a value is empty.
    pub headers: Vec<(String, Vec<u8>)>,
}
