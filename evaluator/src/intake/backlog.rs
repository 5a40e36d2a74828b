//! How much a consumer has before it, counted in records.

use kafka::ConsumerStatus;
use kafka::consumer::PartitionStatus;

/// Records received that run nowhere yet.
pub(crate) fn not_started(status: &ConsumerStatus) -> usize {
    sum(status, |it| it.outstanding.saturating_sub(it.running))
}

/// Records that were not received, as far as the end of the log is known.
pub(crate) fn on_log(status: &ConsumerStatus) -> usize {
    sum(status, |it| {
        let ends = it.end_offset.zip(it.next_offset);
        ends.map_or(0, |(end, next)| usize::try_from(end - next).unwrap_or(0))
    })
}

/// Records received and not handed out.
pub(crate) fn queued(status: &ConsumerStatus) -> usize {
    sum(status, |it| it.queued)
}

fn sum(status: &ConsumerStatus, of: impl Fn(&PartitionStatus) -> usize) -> usize {
    status.partitions.iter().map(of).sum()
}
