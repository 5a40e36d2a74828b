//! Handing a record on to a successor topic: overflow, retry, parked, dead letters.
//!
//! One way for all of them: the bytes untouched, the key as the topic's contract says, the record's way in headers
//! ([`Hop`]). Whoever hands on completes the offset only when this has returned `Ok` (I2).

use std::borrow::Cow;

use kafka::{NewRecord, Record};
use schemas::headers::{self, Failure, Hop, Passed, dead_letter};
use schemas::{Coordinates, topics};

use crate::evaluation::LeftUndone;
use crate::evaluator::Evaluator;
use crate::intake::Delivery;

/// Where a record goes on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HandOn {
    /// The successor topic.
    pub(crate) topic: &'static str,
    /// What it has behind it when it gets there.
    pub(crate) passed: Passed,
    /// What went wrong, if anything did: a record that overflows has met no fault.
    pub(crate) fault: Option<Fault>,
    /// The package that it is to be judged with, if that is chosen already.
    pub(crate) package_digest: Option<String>,
}

/// What went wrong, as the headers tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its short code.
    pub(crate) class: &'static str,
    /// In words.
    pub(crate) message: String,
}

impl Evaluator {
    /// Puts the record on the successor topic; returns after the delivery report.
    pub(crate) async fn hand_on(
        &self,
        delivery: &Delivery,
        hand_on: &HandOn,
    ) -> Result<(), LeftUndone> {
        let record = &delivery.record;
        let here = here(record);
        let hop = Hop {
            from: &here,
            group: &self.groups[delivery.lane.index],
            host: &self.host,
            passed: hand_on.passed,
            failure: hand_on.fault.as_ref().map(|fault| Failure {
                class: fault.class,
                message: &fault.message,
                at_ms: crate::clock::now_ms(),
            }),
        };
        let mut copy = copy(record, hand_on.topic, &hop, || submission_id(delivery));
        if let Some(digest) = &hand_on.package_digest {
            let digest = headers::text(headers::PACKAGE_DIGEST, digest);
            headers::set(&mut copy.headers, digest);
        }
        self.deliver(copy).await?;
        self.metrics
            .ends
            .handed_on
            .with_label_values(&[hand_on.topic])
            .inc();
        tracing::info!(topic = hand_on.topic, passed = ?hand_on.passed, "handed on");
        Ok(())
    }
}

/// Where a record was read from.
pub(super) fn here(record: &Record) -> Coordinates {
    Coordinates {
        topic: record.topic.clone(),
        partition: record.partition,
        offset: record.offset,
        append_time_ms: record.timestamp_ms.unwrap_or_default(),
    }
}

/// Where the submission was first appended: as a predecessor noted it, or else right here.
pub(super) fn origin(record: &Record) -> Coordinates {
    headers::origin(&record.headers).unwrap_or_else(|| here(record))
}

/// As the headers say it, or else the bytes.
fn submission_id(delivery: &Delivery) -> Option<String> {
    let claimed = headers::identity(&delivery.record.headers).map(|(id, _)| id);
    let id = claimed.or_else(|| Some(delivery.identity()?.submission_id))?;
    Some(id.to_string())
}

/// The record as it came, for another topic.
fn copy(
    record: &Record,
    topic: &str,
    hop: &Hop<'_>,
    submission_id: impl FnOnce() -> Option<String>,
) -> NewRecord {
    let key = key_on(record, topic, submission_id);
    let own_key = record.key.as_deref();
    let moved_key = (key.as_deref() != own_key).then_some(own_key.unwrap_or_default());
    let mut headers = hop.headers(&record.headers, &record.payload, moved_key);
    if let (topics::SUBMISSIONS_DLQ, Some(failure)) = (topic, &hop.failure) {
        dead_letter::add(&mut headers, &origin(record), hop.group, failure);
    }
    NewRecord {
        topic: topic.to_owned(),
        key: key.map(Cow::into_owned),
        payload: Some(record.payload.clone()),
        headers,
    }
}

/// The key by the topic's contract. A record that is keyed by its submission noted its problem when it was moved there.
fn key_on<'a>(
    record: &'a Record,
    topic: &str,
    submission_id: impl FnOnce() -> Option<String>,
) -> Option<Cow<'a, [u8]>> {
    let own = || record.key.as_deref().map(Cow::Borrowed);
    match topics::key_of(topic) {
        Some("submission_id") => match submission_id() {
            Some(id) => Some(Cow::Owned(id.into_bytes())),
            None => own(),
        },
        _ => match record.header(headers::ORIGINAL_KEY) {
            Some(key) => Some(Cow::Borrowed(key)),
            None => own(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(topic: &str, key: &str, headers: headers::Headers) -> Record {
        Record {
            topic: topic.to_owned(),
            partition: 5,
            offset: 1_234,
            timestamp_ms: Some(77),
            key: Some(key.as_bytes().to_vec()),
            payload: vec![0xff, 0, 0x80],
            headers,
        }
    }

    fn hop<'a>(from: &'a Coordinates, failure: Option<Failure<'a>>) -> Hop<'a> {
        Hop {
            from,
            group: "evaluators.bulk",
            host: "one",
            passed: Passed::default(),
            failure,
        }
    }

    const FAILURE: Failure<'_> = Failure {
        class: "malformed-record",
        message: "no frame",
        at_ms: 9,
    };

    #[test]
    fn a_copy_is_the_record_untouched_under_the_key_of_its_topic_and_finds_its_way_back() {
        let first = record(topics::SUBMISSIONS, "lanterns", Vec::new());
        let from = here(&first);
        let id = || Some("an-id".to_owned());
        let overflow = copy(&first, topics::SUBMISSIONS_OVERFLOW, &hop(&from, None), id);
        assert_eq!(overflow.topic, "submissions.overflow");
        assert_eq!(overflow.key.as_deref(), Some(&b"an-id"[..]));
        assert_eq!(overflow.payload.as_ref(), Some(&first.payload));
        let second = record(
            topics::SUBMISSIONS_OVERFLOW,
            "an-id",
            overflow.headers.clone(),
        );
        let from = here(&second);
        let retry = copy(&second, topics::SUBMISSIONS_RETRY[0], &hop(&from, None), id);
        assert_eq!(retry.key.as_deref(), Some(&b"lanterns"[..]));
        assert_eq!(headers::origin(&retry.headers), Some(here(&first)));
    }

    #[test]
    fn an_overflowing_record_that_nobody_can_name_keeps_its_key() {
        let first = record(topics::SUBMISSIONS, "lanterns", Vec::new());
        let from = here(&first);
        let topic = topics::SUBMISSIONS_OVERFLOW;
        let overflow = copy(&first, topic, &hop(&from, None), || None);
        assert_eq!(overflow.key, first.key);
    }

    #[test]
    fn a_dead_letter_names_where_it_was_first_appended_however_often_it_moved() {
        let own = headers::text(headers::SUBMISSION_ID, "not an id");
        let first = record(topics::SUBMISSIONS_BULK, "lanterns", vec![own.clone()]);
        let from = here(&first);
        let retry = hop(&from, Some(FAILURE));
        let moved = copy(&first, topics::SUBMISSIONS_RETRY[0], &retry, || None);
        let topic = topics::SUBMISSIONS_RETRY[0];
        let second = record(topic, "lanterns", moved.headers);
        let from = here(&second);
        let letter = copy(
            &second,
            topics::SUBMISSIONS_DLQ,
            &hop(&from, Some(FAILURE)),
            || None,
        );
        assert_eq!(letter.topic, "submissions.dlq");
        assert_eq!(letter.key, first.key);
        assert_eq!(letter.payload.as_ref(), Some(&first.payload));
        assert_eq!(letter.headers[0], own, "its own headers first");
        let header = |name| {
            let mut headers = letter.headers.iter();
            let found = headers.find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        assert_eq!(
            header(dead_letter::ORIGINAL_TOPIC),
            Some(b"submissions.bulk".to_vec())
        );
        assert_eq!(
            header(dead_letter::ORIGINAL_PARTITION),
            Some(5_i32.to_be_bytes().to_vec())
        );
        assert_eq!(
            header(dead_letter::ORIGINAL_OFFSET),
            Some(1_234_i64.to_be_bytes().to_vec())
        );
        assert_eq!(
            header(dead_letter::ORIGINAL_CONSUMER_GROUP),
            Some(b"evaluators.bulk".to_vec())
        );
        assert_eq!(
            header(dead_letter::EXCEPTION_FQCN),
            Some(b"malformed-record".to_vec())
        );
        assert_eq!(
            header(dead_letter::EXCEPTION_MESSAGE),
            Some(b"no frame".to_vec())
        );
    }
}
