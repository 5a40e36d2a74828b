//! One record as the consumer handed it out, with the right to start it.

use std::sync::Arc;
use std::time::SystemTime;

use kafka::{Record, Token};
use schemas::Submission;
use schemas::headers::Passed;
use schemas::topics::CLIENT_LANES;
use tokio_util::sync::CancellationToken;
use tracing::Span;
use tracing::field::display;

use super::Lane;
use crate::evaluation::LeftUndone;
use crate::identity::Identity;

/// How the consumer handed a record out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Nobody has started it.
    Ready,
    /// It may have killed an evaluator, this often.
    Suspect { crashed: u32 },
    /// A former owner may still finish it, until then.
    Held { deadline: SystemTime, crashed: u32 },
    /// It killed evaluators, the last one while it ran alone.
    Convicted { crashed: u32 },
}

/// A record on its way.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) lane: Arc<Lane>,
    pub(crate) token: Token,
    pub(crate) record: Record,
    pub(crate) arrival: Arrival,
    /// Cancelled when the partition is revoked or the intake stops. What has started goes on.
    pub(crate) may_start: CancellationToken,
}

impl Delivery {
    /// The span that puts the ids into every line about this record: as its headers and key tell them.
    pub(crate) fn span(&self) -> Span {
        let claimed = Identity::from_headers(&self.record);
        let problem_id = self.record.key.as_deref().map(String::from_utf8_lossy);
        tracing::info_span!(
            "evaluation",
            topic = self.record.topic,
            partition = self.record.partition,
            offset = self.record.offset,
            submission.id = claimed.map(|identity| display(identity.submission_id)),
            generation = claimed.map(|identity| identity.generation),
            problem.id = problem_id.as_deref(),
        )
    }

    /// Fills in what the headers did not tell.
    pub(crate) fn record_ids(&self, submission: &Submission) {
        if Identity::from_headers(&self.record).is_none() {
            let span = Span::current();
            span.record("submission.id", display(submission.submission_id));
            span.record("generation", submission.generation);
        }
    }

    /// Waits for `future`, but only as long as the record may start here.
    pub(crate) async fn while_ours<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, LeftUndone> {
        tokio::select! {
            biased;
            () = self.may_start.cancelled() => Err(LeftUndone::NotOurs),
            value = future => Ok(value),
        }
    }

    /// Makes room for others while it waits, and leaves it to a next owner to start.
    pub(crate) fn postpone(&self) {
        self.lane.consumer.postpone(self.token);
    }

    /// Which judgement it asks for, if its bytes tell.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let submission = schemas::codec::decode::<Submission>(&self.record.payload);
        submission.ok().map(|submission| Identity::of(&submission))
    }

    /// What the headers and the key alone say of the submission, when the bytes cannot be read.
    pub(crate) fn claimed_submission(&self) -> Option<Submission> {
        let identity = Identity::from_headers(&self.record)?;
        let key = self.record.key.as_deref().unwrap_or_default();
        Some(Submission {
            submission_id: identity.submission_id,
            generation: identity.generation,
            tenant: String::new(),
            contest_id: None,
            user_id: String::new(),
            problem_id: String::from_utf8_lossy(key).into_owned(),
            language: String::new(),
            entry_point: None,
            files: Vec::new(),
            submitted_at_ms: 0,
            idempotency_key: None,
            package_digest: None,
        })
    }

    /// What it had behind it when it came here. On the lanes of clients that would be a client's claim.
    pub(crate) fn passed(&self) -> Passed {
        if CLIENT_LANES.contains(&self.record.topic.as_str()) {
            Passed::default()
        } else {
            Passed::read(&self.record.headers)
        }
    }

    /// Attempts before this one: those of other topics, and the crashes it may have caused on this one.
    pub(crate) fn attempts_before(&self) -> i32 {
        self.passed().attempts.saturating_add(self.crashed())
    }

    /// Crashes it may have caused: each was an attempt.
    pub(crate) fn crashed(&self) -> i32 {
        let crashed = match self.arrival {
            Arrival::Ready => 0,
            Arrival::Suspect { crashed }
            | Arrival::Held { crashed, .. }
            | Arrival::Convicted { crashed } => crashed,
        };
        i32::try_from(crashed).unwrap_or(i32::MAX - 100)
    }
}
