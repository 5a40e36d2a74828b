//! Names of partitions and of records handed out.

/// One partition of one consumed topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionId {
    /// Index into [`ConsumerConfig::topics`](super::ConsumerConfig::topics).
    pub topic: u16,
    /// Partition within that topic.
    pub partition: i32,
}

/// Names one record in one assignment of its partition.
///
/// The epoch is part of the name because an offset comes back when its partition does: without
/// it, an answer to an old assignment would be taken for one to the new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// Partition the record is in.
    pub partition: PartitionId,
    /// Assignment it was handed out under; unique within one consumer.
    pub epoch: u64,
    /// Offset of the record.
    pub offset: i64,
}
