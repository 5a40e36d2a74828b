//! How far a judgement is, for whoever watches. Nothing depends on it, so nothing waits for it.

use judge::Step;
use kafka::{ClientConfig, NewRecord, ProduceError, Producer, Record};
use schemas::headers::{self, Headers};
use schemas::{Progress, ProgressState, Submission, topics};

use super::verdict::code;

/// Records in flight beyond which progress is dropped instead of queued.
const MAX_IN_FLIGHT: usize = 1_000;

/// Sends progress with a producer of its own, so that it never delays a verdict.
#[derive(Clone)]
pub(crate) struct ProgressSender {
    producer: Producer,
}

impl ProgressSender {
    pub(crate) fn new(client: &ClientConfig) -> Result<Self, ProduceError> {
        let client = client.named(format!("{}-progress", client.client_id));
        Ok(Self {
            producer: Producer::best_effort(&client)?,
        })
    }

    /// The progress of one judgement.
    pub(crate) fn of(&self, submission: &Submission, record: &Record) -> ProgressOf {
        let trace = headers::trace(&record.headers).child();
        ProgressOf {
            producer: self.producer.clone(),
            headers: headers::standard(submission.submission_id, submission.generation, trace),
            progress: Progress {
                submission_id: submission.submission_id,
                generation: submission.generation,
                ..Progress::default()
            },
        }
    }
}

/// Tells the steps of one judgement.
pub(crate) struct ProgressOf {
    producer: Producer,
    headers: Headers,
    progress: Progress,
}

impl ProgressOf {
    /// Says that a slot has taken the submission.
    pub(crate) fn taken(&mut self) {
        self.progress.state = ProgressState::Taken;
        self.send();
    }

    /// Says what the judge does.
    pub(crate) fn step(&mut self, step: Step) {
        match step {
            Step::Compiling => self.progress.state = ProgressState::Compiling,
            Step::Case {
                index,
                total,
                result,
            } => {
                self.progress.state = ProgressState::Running;
                self.progress.tests_done = i32::try_from(index + 1).unwrap_or(i32::MAX);
                self.progress.tests_total = i32::try_from(total).unwrap_or(i32::MAX);
                self.progress.test_verdict = Some(code(result.verdict));
            }
        }
        self.send();
    }

    fn send(&mut self) {
        if self.producer.in_flight() >= MAX_IN_FLIGHT {
            return;
        }
        self.progress.at_ms = crate::clock::now_ms();
        let Ok(payload) = schemas::codec::encode(&self.progress) else {
            return;
        };
        let key = self.progress.submission_id.to_string();
        let record =
            NewRecord::new(topics::PROGRESS, key, payload).with_headers(self.headers.clone());
        drop(self.producer.send(record));
    }
}
