//! The library: checks a submission, gives it its id, and sends it.

use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use kafka::admin::{Admin, AdminError};
use kafka::{ClientConfig, NewRecord, ProduceError, Producer};
use schemas::headers;
use schemas::traceparent::TraceParent;
use schemas::{EncodeError, InvalidSubmission, SourceFile, Submission, identity, topics};
use uuid::Uuid;

use crate::language::{self, LanguageError};

/// How urgent a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// Someone waits for it.
    #[default]
    Interactive,
    /// One of many; judged with what the interactive lane leaves, but never starved.
    Bulk,
}

impl Lane {
    /// The lane's topic.
    pub fn topic(self) -> &'static str {
        match self {
            Self::Interactive => topics::SUBMISSIONS,
            Self::Bulk => topics::SUBMISSIONS_BULK,
        }
    }
}

/// What a client wants judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSubmission {
    /// The site or customer the user belongs to.
    pub tenant: String,
    /// The contest, if it counts for one.
    pub contest_id: Option<String>,
    /// The user, as the tenant names them.
    pub user_id: String,
    /// The problem's short name.
    pub problem_id: String,
    /// The language's code; told by the file endings if absent.
    pub language: Option<String>,
    /// The class, module or file to start, where the language needs one.
    pub entry_point: Option<String>,
    /// The program.
    pub files: Vec<SourceFile>,
    /// The same key, user, problem and files are the same submission, however often they are sent.
    pub idempotency_key: Option<String>,
    /// The package to judge against; the problem's current one if absent.
    pub package_digest: Option<String>,
}

impl NewSubmission {
    /// Checks every rule and gives the submission its id. Sends nothing.
    pub fn prepare(self) -> Result<Submission, SubmitError> {
        let language = match self.language {
            Some(language) => {
                language::check(&language)?;
                language
            }
            None => language::guess(self.files.iter().map(|file| file.name.as_str()))?.to_owned(),
        };
        let digest = identity::source_digest(&self.files, self.entry_point.as_deref());
        let submission = Submission {
            submission_id: identity::submission_id(
                &self.tenant,
                &self.user_id,
                self.idempotency_key.as_deref(),
                &self.problem_id,
                &digest,
            ),
            generation: 0,
            tenant: self.tenant,
            contest_id: self.contest_id,
            user_id: self.user_id,
            problem_id: self.problem_id,
            language,
            entry_point: self.entry_point,
            files: self.files,
            submitted_at_ms: now_ms(),
            idempotency_key: self.idempotency_key,
            package_digest: self.package_digest,
        };
        submission.check()?;
        Ok(submission)
    }
}

/// A submission that cannot be lost any more: its delivery report has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub submission_id: Uuid,
    /// The topic it is on.
    pub topic: &'static str,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

/// Why a submission was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It breaks a rule or a cap.
    #[error(transparent)]
    Invalid(#[from] InvalidSubmission),
    /// Its language cannot be told.
    #[error(transparent)]
    Language(#[from] LanguageError),
    /// Our bug: its type and its schema disagree.
    #[error(transparent)]
    Encode(EncodeError),
    /// The cluster could not be asked for its topics.
    #[error(transparent)]
    Cluster(#[from] AdminError),
    /// The log did not take it.
    #[error(transparent)]
    Produce(#[from] ProduceError),
}

impl SubmitError {
    /// Whether what was given is at fault: sending it again would fail again.
    pub fn is_about_input(&self) -> bool {
        matches!(
            self,
            Self::Invalid(_) | Self::Language(_) | Self::Produce(ProduceError::TooLarge { .. })
        )
    }
}

impl From<EncodeError> for SubmitError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Invalid(invalid) => Self::Invalid(invalid),
            other => Self::Encode(other),
        }
    }
}

/// Sends submissions; cheap to clone, one Kafka client behind all clones.
#[derive(Clone)]
pub struct Submitter {
    producer: Producer,
}

impl Submitter {
    /// Starts the client; the cluster is met when something is sent or checked.
    pub fn new(config: &ClientConfig) -> Result<Self, SubmitError> {
        Ok(Self {
            producer: Producer::new(config)?,
        })
    }

    /// Refuses when a lane's topic is missing. Sending to a missing topic could make a broker create
    /// it, with settings that nobody declared.
    pub async fn check_lane(config: &ClientConfig, lane: Lane) -> Result<(), SubmitError> {
        let missing = Admin::new(config)?.missing(&[lane.topic()]).await?;
        match missing.into_iter().next() {
            None => Ok(()),
            Some(topic) => Err(ProduceError::TopicMissing { topic }.into()),
        }
    }

    /// Checks and sends; `Ok` only after the delivery report.
    pub async fn submit(
        &self,
        submission: NewSubmission,
        lane: Lane,
    ) -> Result<Accepted, SubmitError> {
        self.send(&submission.prepare()?, lane)?.await
    }

    /// Sends what is prepared. The record is on its way when this returns; the future resolves at
    /// its delivery report.
    pub fn send(
        &self,
        submission: &Submission,
        lane: Lane,
    ) -> Result<impl Future<Output = Result<Accepted, SubmitError>> + Send + use<>, SubmitError>
    {
        let submission_id = submission.submission_id;
        let topic = lane.topic();
        let payload = schemas::codec::encode(submission)?;
        let trace = TraceParent::start();
        let record = NewRecord::new(topic, submission.problem_id.as_str(), payload).with_headers(
            headers::standard(submission_id, submission.generation, trace),
        );
        let delivery = self.producer.send(record);
        Ok(async move {
            let delivered = delivery.await?;
            Ok(Accepted {
                submission_id,
                topic,
                partition: delivered.partition,
                offset: delivered.offset,
            })
        })
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_submission() -> NewSubmission {
        NewSubmission {
            tenant: "default".to_owned(),
            user_id: "ada".to_owned(),
            problem_id: "hello".to_owned(),
            files: vec![SourceFile {
                name: "a.py".to_owned(),
                content: b"print()".to_vec(),
            }],
            idempotency_key: Some("k".to_owned()),
            ..NewSubmission::default()
        }
    }

    #[test]
    fn a_repeated_request_is_the_same_submission_and_another_program_is_not()
    -> Result<(), SubmitError> {
        let first = new_submission().prepare()?;
        assert_eq!(first.language, "python3");
        assert_eq!(
            new_submission().prepare()?.submission_id,
            first.submission_id
        );
        let mut other = new_submission();
        other.files[0].content.push(b' ');
        assert_ne!(other.prepare()?.submission_id, first.submission_id);
        Ok(())
    }

    #[test]
    fn what_breaks_a_rule_is_about_the_input() {
        let refused = |change: fn(&mut NewSubmission)| {
            let mut changed = new_submission();
            change(&mut changed);
            changed.prepare().err()
        };
        for error in [
            refused(|it| it.problem_id = "../x".to_owned()),
            refused(|it| it.language = Some("C++".to_owned())),
            refused(|it| it.files[0].name = "a".to_owned()),
            refused(|it| it.user_id.clear()),
        ] {
            assert!(
                error.as_ref().is_some_and(SubmitError::is_about_input),
                "{error:?}"
            );
        }
    }
}
