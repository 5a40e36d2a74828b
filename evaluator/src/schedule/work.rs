//! What the scheduler is told of one piece of work: whose it is, which lane it is of, what it should cost.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use kafka::Record;
use schemas::{Submission, headers, topics};

/// A lane, as slots are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum LaneKind {
    /// Somebody waits for the answer.
    Interactive,
    /// The same, handed over by the evaluator whose partition it was.
    Overflow,
    /// Rejudges and batches, wherever they were read from.
    Bulk,
}

impl LaneKind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Interactive, Self::Overflow, Self::Bulk];

    /// The lane whose share this record takes; `as_overflow` if it stays here although its like are handed over. What was
    /// handed over from bulk is still bulk: it gains no rank by that.
    pub(crate) fn of(record: &Record, as_overflow: bool) -> Self {
        let first_topic = headers::find(&record.headers, headers::ORIGINAL_TOPIC);
        match (record.topic.as_str(), first_topic) {
            (topics::SUBMISSIONS_BULK, _) | (_, Some(topics::SUBMISSIONS_BULK)) => Self::Bulk,
            (topics::SUBMISSIONS_OVERFLOW, _) => Self::Overflow,
            _ if as_overflow => Self::Overflow,
            _ => Self::Interactive,
        }
    }

    /// The word for metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Overflow => "overflow",
            Self::Bulk => "bulk",
        }
    }
}

/// One who submits. Two whose hashes collide share a turn, which harms nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct User(pub(super) u64);

impl User {
    pub(crate) fn of(submission: &Submission) -> Self {
        let mut hasher = DefaultHasher::new();
        (&submission.tenant, &submission.user_id).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// One piece of work that waits for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// Which share it takes.
    pub(crate) lane: LaneKind,
    /// Whose turn it takes in there.
    pub(crate) user: User,
    /// Expected CPU-seconds: for how long it will have its slot, which is a core.
    pub(crate) cost: Duration,
}

#[cfg(test)]
mod tests {
    use schemas::Coordinates;
    use uuid::Uuid;

    use super::*;

    fn record(topic: &str, first_topic: Option<&str>) -> Record {
        let origin = first_topic.map(|topic| Coordinates {
            topic: topic.to_owned(),
            partition: 0,
            offset: 0,
            append_time_ms: 0,
        });
        let trace = headers::trace(&[]);
        Record {
            topic: topic.to_owned(),
            partition: 0,
            offset: 0,
            timestamp_ms: None,
            key: None,
            payload: Vec::new(),
            headers: origin.map_or_else(Vec::new, |origin| {
                headers::successor(Uuid::nil(), 0, trace, 0, &origin)
            }),
        }
    }

    #[test]
    fn a_record_takes_the_share_of_the_lane_it_came_in_by_except_that_overflow_has_its_own() {
        let of = |topic, first| LaneKind::of(&record(topic, first), false);
        let (client, bulk) = (topics::SUBMISSIONS, topics::SUBMISSIONS_BULK);
        let overflow = topics::SUBMISSIONS_OVERFLOW;
        assert_eq!(of(client, None), LaneKind::Interactive);
        assert_eq!(of(bulk, None), LaneKind::Bulk);
        assert_eq!(of(overflow, Some(client)), LaneKind::Overflow);
        assert_eq!(of(overflow, Some(bulk)), LaneKind::Bulk);
        assert_eq!(
            LaneKind::of(&record(client, None), true),
            LaneKind::Overflow
        );
        assert_eq!(LaneKind::of(&record(bulk, None), true), LaneKind::Bulk);
        let retry = "submissions.retry.10s";
        assert_eq!(of(retry, Some(client)), LaneKind::Interactive);
        assert_eq!(of(retry, Some(bulk)), LaneKind::Bulk);
    }
}
