//! Waiting for what is ours and away: a package that cannot be fetched now, a language that is broken here.
//!
//! A dead letter at once would make a host with a broken toolchain, or one that has lost its package store, swallow the whole
//! queue. So a record waits here, postponed for the consumer and without a slot, as long as its partition is ours, and is given up only
//! when patience is over. A record that may have killed an evaluator does not wait: the accused among them stops everybody else.

use std::time::Duration;

use schemas::Submission;

use super::prepare::Prepared;
use super::{GivenUp, LeftUndone, Otherwise};
use crate::backoff::Backoff;
use crate::evaluator::Evaluator;
use crate::intake::Delivery;
use crate::packages::{PackageError, Resolved};
use crate::publish::JudgeErrorCause;

impl Evaluator {
    /// Returns when the language works here, as far as is known.
    pub(super) async fn wait_for_language(
        &self,
        delivery: &Delivery,
        prepared: &Prepared,
    ) -> Result<(), Otherwise> {
        let language = &prepared.submission.language;
        if self.why_broken(language).is_none() {
            return Ok(());
        }
        delivery.postpone();
        let working = tokio::time::timeout(self.patience(delivery), self.until_it_works(language));
        if delivery.while_ours(working).await?.is_ok() {
            return Ok(());
        }
        Err(Otherwise::GivenUp(GivenUp {
            cause: JudgeErrorCause::LanguageUnavailable,
            history: self.why_broken(language).into_iter().collect(),
            submission: Some(Box::new(prepared.submission.clone())),
            attempt: delivery.attempts_before() + 1,
        }))
    }

    /// The package to judge with; asked for again while its store is away.
    pub(super) async fn find_package(
        &self,
        delivery: &Delivery,
        submission: &Submission,
    ) -> Result<Result<Resolved, PackageError>, LeftUndone> {
        let mut missed = Missed {
            evaluator: self,
            delivery,
            problem_id: &submission.problem_id,
            last: None,
        };
        let found = tokio::time::timeout(
            self.patience(delivery),
            missed.until_it_is_there(submission),
        );
        let found = delivery.while_ours(found).await?;
        match (found, missed.last.clone()) {
            (Ok(answer), _) => Ok(answer),
            (Err(_), Some(error)) => Ok(Err(error)),
            // Without patience one answer is waited for.
            (Err(_), None) => delivery.while_ours(self.ask_for_package(submission)).await,
        }
    }

    async fn ask_for_package(&self, submission: &Submission) -> Result<Resolved, PackageError> {
        let digest = submission.package_digest.as_deref();
        self.packages.resolve(&submission.problem_id, digest).await
    }

    fn patience(&self, delivery: &Delivery) -> Duration {
        if delivery.crashed() > 0 {
            Duration::ZERO
        } else {
            self.patience
        }
    }
}

/// A package that is asked for; readiness tells of it while it is missed.
struct Missed<'a> {
    evaluator: &'a Evaluator,
    delivery: &'a Delivery,
    problem_id: &'a str,
    /// The last answer.
    last: Option<PackageError>,
}

impl Missed<'_> {
    async fn until_it_is_there(
        &mut self,
        submission: &Submission,
    ) -> Result<Resolved, PackageError> {
        let mut backoff = Backoff::default();
        loop {
            let answer = self.evaluator.ask_for_package(submission).await;
            let Err(error @ PackageError::Unavailable { .. }) = answer else {
                return answer;
            };
            tracing::warn!(%error, "trying again");
            let health = &self.evaluator.health;
            health.package_missing(self.problem_id, &error.to_string());
            self.delivery.postpone();
            self.last = Some(error);
            backoff.wait().await;
        }
    }
}

impl Drop for Missed<'_> {
    fn drop(&mut self) {
        if self.last.is_some() {
            self.evaluator.health.package_settled(self.problem_id);
        }
    }
}
