//! The committing thread: sends what the assignment has to say, one commit at a time.
//!
//! It is a thread of its own because a commit must be answered and must not hold up polling.
//! rust-rdkafka 0.39 never reports an asynchronous commit (it sets no `offset_commit_cb`, and without one
//! librdkafka posts no result), and a synchronous one waits as long as the coordinator is away.
//!
//! The lines are built under the lock from the partitions we own, and a revoke waits for the
//! outstanding commit before it lets go: so none is sent about a partition that is another's.

use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::assignment::CommitLine;
use super::group::Client;
use super::shared::Shared;

/// Runs until [`Shared::close_commits`].
pub(super) fn run(shared: &Shared, client: &Client) {
    let mut failing = false;
    while let Some(lines) = shared.next_commit() {
        let sent = list_of(shared, &lines).and_then(|list| client.commit(&list, CommitMode::Sync));
        // Any line that was not stored makes the whole an error. It is not fatal: all is said again,
        // and a fenced or late member is told by the rebalance that follows.
        match &sent {
            Err(error) if !failing => {
                tracing::warn!(group = %shared.group_id, %error, "commits fail and are repeated");
            }
            Ok(()) if failing => tracing::info!(group = %shared.group_id, "commits succeed again"),
            _ => {}
        }
        failing = sent.is_err();
        shared.commit_returned(sent.is_ok());
    }
}

/// A fresh list for each commit: setting metadata twice leaks.
fn list_of(shared: &Shared, lines: &[CommitLine]) -> KafkaResult<TopicPartitionList> {
    let assignment = shared.lock();
    let mut list = TopicPartitionList::with_capacity(lines.len());
    for (id, offset, metadata) in lines {
        let mut line = list.add_partition(assignment.topic(*id), id.partition);
        line.set_offset(Offset::Offset(*offset))?;
        line.set_metadata(metadata);
    }
    Ok(list)
}
