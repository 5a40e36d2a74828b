//! The name of a judgement: a submission and how often it has been asked for.

use kafka::Record;
use schemas::Submission;
use uuid::Uuid;

/// (submission, generation): each has exactly one recorded verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) submission_id: Uuid,
    pub(crate) generation: i32,
}

impl Identity {
    pub(crate) fn of(submission: &Submission) -> Self {
        Self {
            submission_id: submission.submission_id,
            generation: submission.generation,
        }
    }

    /// As the headers of a record say it.
    pub(crate) fn from_headers(record: &Record) -> Option<Self> {
        let (submission_id, generation) = schemas::headers::identity(&record.headers)?;
        Some(Self {
            submission_id,
            generation,
        })
    }
}
