//! From bytes to something that can be judged: decode, find the package, look whether we speak the language.

use std::sync::Arc;
use std::time::{Duration, Instant};

use judge::{JudgeOptions, Source, SourceFile};
use schemas::{DecodeError, Submission, headers};

use super::deadline;
use super::{GivenUp, LeftUndone, Otherwise};
use crate::evaluator::Evaluator;
use crate::health;
use crate::intake::Delivery;
use crate::packages::{PackageError, Resolved};
use crate::publish::JudgeErrorCause;

/// A submission with all that a slot needs.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(super) submission: Submission,
    pub(super) resolved: Resolved,
    pub(super) source: Arc<Source>,
    pub(super) options: JudgeOptions,
    /// How long judging it may take.
    pub(super) bound: Duration,
    /// How long its package took to get here.
    pub(super) package_took: Duration,
}

impl Evaluator {
    pub(super) async fn prepare(&self, delivery: &Delivery) -> Result<Prepared, Otherwise> {
        let mut submission = self.decode(delivery)?;
        if submission.package_digest.is_none() {
            let chosen = delivery.record.text_header(headers::PACKAGE_DIGEST);
            submission.package_digest = chosen.map(str::to_owned);
        }
        delivery.record_ids(&submission);
        let given_up = |cause, detail: String, submission: Submission| GivenUp {
            cause,
            history: vec![detail],
            submission: Some(Box::new(submission)),
            attempt: delivery.attempts_before() + 1,
        };
        if let Some(refusal) = self.served.refusal(&submission.language) {
            let cause = JudgeErrorCause::LanguageUnavailable;
            return Err(given_up(cause, refusal, submission).into());
        }
        let asked = Instant::now();
        match self.find_package(delivery, &submission).await? {
            Ok(resolved) => Ok(Prepared {
                bound: deadline::bound(&resolved, self.near_limit),
                package_took: asked.elapsed(),
                source: Arc::new(source(&submission)),
                options: JudgeOptions {
                    time_limit: resolved.published_time_limit,
                    ..JudgeOptions::default()
                },
                resolved,
                submission,
            }),
            Err(error) => Err(given_up(cause(&error), error.to_string(), submission).into()),
        }
    }

    /// Bytes that no version of us could read are poison. A schema we do not have yet is our fault: we stop.
    fn decode(&self, delivery: &Delivery) -> Result<Submission, Otherwise> {
        let error = match schemas::codec::decode::<Submission>(&delivery.record.payload) {
            Ok(submission) => return Ok(submission),
            Err(error) => error,
        };
        if let DecodeError::UnknownSchema { .. } = error {
            tracing::error!(%error, "stopping the intake");
            self.stop_intake(health::SCHEMA, &error.to_string());
            return Err(LeftUndone::Unfit(error.to_string()).into());
        }
        Err(Otherwise::GivenUp(GivenUp {
            cause: JudgeErrorCause::MalformedRecord,
            history: vec![error.to_string()],
            submission: delivery.claimed_submission().map(Box::new),
            attempt: delivery.attempts_before() + 1,
        }))
    }

    /// What becomes of a record that died while it ran alone.
    pub(super) fn convicted(&self, delivery: &Delivery, crashed: u32) -> GivenUp {
        // Decoding is all that is done with it here; its whole payload goes to the dead-letter topic.
        let submission = schemas::codec::decode(&delivery.record.payload).ok();
        GivenUp {
            cause: JudgeErrorCause::KillsEvaluator,
            history: vec![format!(
                "{crashed} evaluators died of it, the last one while it ran alone"
            )],
            submission: submission
                .or_else(|| delivery.claimed_submission())
                .map(Box::new),
            attempt: delivery.attempts_before(),
        }
    }
}

fn source(submission: &Submission) -> Source {
    let file = |file: &schemas::SourceFile| SourceFile {
        name: file.name.clone(),
        content: file.content.clone(),
    };
    Source {
        files: submission.files.iter().map(file).collect(),
        language: Some(submission.language.clone()),
        entry_point: submission.entry_point.clone(),
    }
}

fn cause(error: &PackageError) -> JudgeErrorCause {
    match error {
        PackageError::UnknownProblem { .. } => JudgeErrorCause::UnknownProblem,
        PackageError::UnknownDigest { .. } => JudgeErrorCause::UnknownPackage,
        PackageError::Broken { .. } => JudgeErrorCause::BrokenPackage,
        PackageError::Unavailable { .. } => JudgeErrorCause::PackageUnavailable,
    }
}
