//! What leaves the evaluator: verdicts, records handed on and, best effort, progress.
//!
//! **Invariant (I2):** whoever publishes here learns of the delivery report before it completes an offset. A delivery that
//! fails while the cluster is away is tried again for as long as the process lives. One that the cluster refuses for good
//! is never tried again and never counts as done: the intake stops, and readiness says what an operator must mend.

mod hand_on;
mod progress;
mod timing;
pub(crate) mod verdict;

use std::time::Duration;

use kafka::{ClientConfig, NewRecord, ProduceError, Producer};
use schemas::headers::{self, Passed};
use schemas::{Verdict, topics};
use seeded::Bug;
use tokio::time::Instant;

pub(crate) use hand_on::{Fault, HandOn};
pub(crate) use progress::ProgressSender;
pub(crate) use verdict::{JudgeErrorCause, Provenance};

use crate::evaluation::{GivenUp, LeftUndone};
use crate::evaluator::Evaluator;
use crate::intake::Delivery;
use crate::metrics::Phase;

/// Between two tries of a delivery, doubled up to the second.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A topic that is missing or closed to us for longer than this stays so: a broker that starts may say it for a while.
const REFUSED_FOR_GOOD: Duration = Duration::from_secs(60);

/// Writes what must not be lost.
#[derive(Clone)]
pub(crate) struct Publisher {
    producer: Producer,
}

impl Publisher {
    pub(crate) fn new(client: &ClientConfig) -> Result<Self, ProduceError> {
        let producer = Producer::new(&client.named(format!("{}-verdicts", client.client_id)))?;
        Ok(Self { producer })
    }

    /// Returns once the record is on the log. Only a refusal for good ends the tries, or a producer that is broken for good.
    async fn deliver(&self, record: NewRecord) -> Result<(), LeftUndone> {
        let (mut backoff, longest) = BACKOFF;
        let first_try = Instant::now();
        loop {
            let report = self.producer.send(record.clone());
            if seeded::bug(Bug::DoneBeforeReport) {
                return Ok(());
            }
            match report.await {
                Ok(_) => return Ok(()),
                Err(error @ ProduceError::Fatal { .. }) => {
                    return Err(LeftUndone::Unpublished(error.to_string()));
                }
                Err(error) if is_for_good(&error, first_try.elapsed()) => {
                    return Err(LeftUndone::Refused(refusal(&error)));
                }
                Err(error) => {
                    tracing::error!(%error, topic = record.topic, "failed to publish; trying again");
                }
            }
            tokio::time::sleep(backoff).await;
            backoff = longest.min(backoff * 2);
        }
    }

    /// Age of the oldest record without a delivery report.
    pub(crate) fn oldest_in_flight(&self) -> Option<Duration> {
        self.producer.oldest_in_flight()
    }

    /// Waits, blocking, for the reports of all that was sent.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), ProduceError> {
        self.producer.flush(timeout)
    }
}

/// Whether trying longer cannot help, after trying for so long.
fn is_for_good(error: &ProduceError, tried: Duration) -> bool {
    match error {
        ProduceError::TooLarge { .. } => true,
        ProduceError::TopicMissing { .. } | ProduceError::Refused { .. } => {
            tried >= REFUSED_FOR_GOOD
        }
        ProduceError::BrokerAway { .. }
        | ProduceError::QueueFull
        | ProduceError::Other { .. }
        | ProduceError::Fatal { .. } => false,
    }
}

/// What happened and what to do.
fn refusal(error: &ProduceError) -> String {
    let advice = match error {
        ProduceError::TooLarge { topic, .. } => format!(
            "raise max.message.bytes of `{topic}` to what schemas/topics.toml declares (`tribunal topics apply`) or above"
        ),
        _ => "mend it".to_owned(),
    };
    format!("{error}; nothing is lost: {advice}, then restart this evaluator")
}

impl Evaluator {
    /// Puts a verdict on the log.
    pub(crate) async fn publish_verdict(
        &self,
        delivery: &Delivery,
        verdict: &Verdict,
    ) -> Result<(), LeftUndone> {
        let payload = schemas::codec::encode(verdict);
        // Caps are applied by the codec; what is left is a bug of ours, and no retry here mends it.
        let payload = payload.map_err(|error| LeftUndone::Unpublished(error.to_string()))?;
        let record = NewRecord::new(topics::VERDICTS, verdict.submission_id.to_string(), payload);
        let headers = headers::successor(
            verdict.submission_id,
            verdict.generation,
            headers::trace(&delivery.record.headers),
            verdict.jury.attempt,
            &hand_on::origin(&delivery.record),
        );
        let started = Instant::now();
        self.deliver(record.with_headers(headers)).await?;
        let judging = &self.metrics.judging;
        judging.took(Phase::Publish, started.elapsed());
        tracing::info!(verdict = %verdict.verdict, attempt = verdict.jury.attempt, "published");
        self.metrics
            .ends
            .verdicts
            .with_label_values(&[verdict.verdict.as_str()])
            .inc();
        Ok(())
    }

    /// Puts the untouched record on the dead-letter topic and then a judge error on `verdicts`, if we know whose it is.
    pub(crate) async fn publish_given_up(
        &self,
        delivery: &Delivery,
        given_up: GivenUp,
    ) -> Result<(), LeftUndone> {
        let cause = given_up.cause.code();
        let message = given_up.history.join("; ");
        tracing::error!(cause, message, "given up");
        let hand_on = HandOn {
            topic: topics::SUBMISSIONS_DLQ,
            passed: Passed {
                attempts: given_up.attempt,
                ..delivery.passed()
            },
            fault: Some(Fault {
                class: cause,
                message,
            }),
            package_digest: None,
        };
        self.hand_on(delivery, &hand_on).await?;
        self.metrics
            .ends
            .dead_letters
            .with_label_values(&[cause])
            .inc();
        match given_up.submission {
            Some(submission) => {
                let provenance = self.provenance(delivery, given_up.attempt);
                let verdict =
                    verdict::judge_error(&submission, given_up.cause, given_up.history, provenance);
                self.publish_verdict(delivery, &verdict).await
            }
            None => Ok(()),
        }
    }

    /// Where and how often it was tried.
    pub(crate) fn provenance(&self, delivery: &Delivery, attempt: i32) -> Provenance {
        Provenance {
            host: self.host.clone(),
            attempt,
            origin: hand_on::origin(&delivery.record),
            judged_at_ms: crate::clock::now_ms(),
        }
    }

    async fn deliver(&self, record: NewRecord) -> Result<(), LeftUndone> {
        let delivered = self.publisher.deliver(record).await;
        match &delivered {
            Err(LeftUndone::Refused(why)) => {
                tracing::error!(why, "stopping the intake");
                self.stop_intake(crate::health::REFUSED, why);
            }
            Err(why) => self.fail(&why.to_string()),
            Ok(()) => {}
        }
        delivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_too_large_is_refused_at_once_a_closed_topic_after_a_minute_and_an_outage_never()
     {
        let topic = || topics::SUBMISSIONS_DLQ.to_owned();
        let large = ProduceError::TooLarge {
            topic: topic(),
            bytes: 9,
        };
        let missing = ProduceError::TopicMissing { topic: topic() };
        let away = ProduceError::BrokerAway {
            topic: topic(),
            code: String::new(),
        };
        let for_good = |tried| [&large, &missing, &away].map(|error| is_for_good(error, tried));
        assert_eq!(for_good(Duration::ZERO), [true, false, false]);
        assert_eq!(for_good(REFUSED_FOR_GOOD), [true, true, false]);
        assert_eq!(for_good(Duration::MAX), [true, true, false]);
        assert!(refusal(&large).contains("max.message.bytes of `submissions.dlq`"));
    }
}
