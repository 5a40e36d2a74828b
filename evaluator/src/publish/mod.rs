//! What leaves the evaluator: verdicts, dead letters and, best effort, progress.
//!
//! **Invariant (I2):** whoever publishes here learns of the delivery report before it completes an offset. A delivery
//! that fails is tried again for as long as the process lives; it never counts as done.

mod progress;
mod timing;
pub(crate) mod verdict;

use std::time::Duration;

use kafka::{ClientConfig, NewRecord, ProduceError, Producer, Record};
use schemas::headers::{self, DeadLetter};
use schemas::{Coordinates, Verdict, topics};

pub(crate) use progress::ProgressSender;
pub(crate) use verdict::{JudgeErrorCause, Provenance};

use crate::evaluation::{GivenUp, LeftUndone};
use crate::evaluator::Evaluator;
use crate::intake::Delivery;

/// Between two tries of a delivery, doubled up to the second.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

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

    /// Returns once the record is on the log. Only a producer that is broken for good ends the tries.
    async fn deliver(&self, record: NewRecord) -> Result<(), LeftUndone> {
        let (mut backoff, longest) = BACKOFF;
        loop {
            match self.producer.send(record.clone()).await {
                Ok(_) => return Ok(()),
                Err(error @ ProduceError::Fatal { .. }) => {
                    return Err(LeftUndone::Unpublished(error.to_string()));
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
            &origin(&delivery.record),
        );
        self.deliver(record.with_headers(headers)).await?;
        tracing::info!(verdict = %verdict.verdict, attempt = verdict.jury.attempt, "published");
        self.metrics
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
        let letter = dead_letter(
            &delivery.record,
            &self.groups[delivery.lane.index],
            cause,
            &message,
        );
        self.deliver(letter).await?;
        self.metrics.dead_letters.with_label_values(&[cause]).inc();
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
            origin: origin(&delivery.record),
            judged_at_ms: crate::clock::now_ms(),
        }
    }

    async fn deliver(&self, record: NewRecord) -> Result<(), LeftUndone> {
        let delivered = self.publisher.deliver(record).await;
        if let Err(why) = &delivered {
            self.fail(&why.to_string());
        }
        delivered
    }
}

/// Where the submission was first appended: as a predecessor noted it, or else right here.
fn origin(record: &Record) -> Coordinates {
    headers::origin(&record.headers).unwrap_or_else(|| Coordinates {
        topic: record.topic.clone(),
        partition: record.partition,
        offset: record.offset,
        append_time_ms: record.timestamp_ms.unwrap_or_default(),
    })
}

/// The record as it came, with its provenance in headers after its own.
fn dead_letter(record: &Record, group: &str, cause: &str, message: &str) -> NewRecord {
    let here = Coordinates {
        topic: record.topic.clone(),
        partition: record.partition,
        offset: record.offset,
        append_time_ms: record.timestamp_ms.unwrap_or_default(),
    };
    let letter = DeadLetter {
        origin: &here,
        group,
        error_class: cause,
        message,
    };
    NewRecord {
        topic: topics::SUBMISSIONS_DLQ.to_owned(),
        key: record.key.clone(),
        payload: Some(record.payload.clone()),
        headers: headers::dead_letter(&record.headers, &letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_is_the_record_untouched_with_its_provenance_after_its_own_headers() {
        let record = Record {
            topic: topics::SUBMISSIONS_BULK.to_owned(),
            partition: 5,
            offset: 1_234,
            timestamp_ms: Some(77),
            key: Some(b"hello".to_vec()),
            payload: vec![0xff, 0, 0x80],
            headers: vec![("submission-id".to_owned(), b"not an id".to_vec())],
        };
        let letter = dead_letter(&record, "evaluators.bulk", "malformed-record", "no frame");
        assert_eq!(letter.topic, "submissions.dlq");
        assert_eq!(letter.key, record.key);
        assert_eq!(letter.payload.as_ref(), Some(&record.payload));
        assert_eq!(letter.headers[0], record.headers[0]);
        let header = |name| {
            letter
                .headers
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        use headers::dead_letter as dlt;
        assert_eq!(
            header(dlt::ORIGINAL_TOPIC),
            Some(b"submissions.bulk".to_vec())
        );
        assert_eq!(
            header(dlt::ORIGINAL_PARTITION),
            Some(5_i32.to_be_bytes().to_vec())
        );
        assert_eq!(
            header(dlt::ORIGINAL_OFFSET),
            Some(1_234_i64.to_be_bytes().to_vec())
        );
        assert_eq!(
            header(dlt::ORIGINAL_CONSUMER_GROUP),
            Some(b"evaluators.bulk".to_vec())
        );
        assert_eq!(
            header(dlt::EXCEPTION_FQCN),
            Some(b"malformed-record".to_vec())
        );
        assert_eq!(header(dlt::EXCEPTION_MESSAGE), Some(b"no frame".to_vec()));
    }
}
