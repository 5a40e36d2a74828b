//! The way of a submission's record from topic to topic: what each move writes, and what can be read of it afterwards.
//!
//! What says where the record began (original coordinates and key, first failure, schema) is written by the first move
//! and kept by all others; what says where it comes from now is written anew. So headers do not grow with the moves.

use super::{
    ATTEMPT, ERROR_CLASS, ERROR_MESSAGE, FIRST_FAILURE_TIME, Headers, ORIGINAL_KEY,
    ORIGINAL_OFFSET, ORIGINAL_PARTITION, ORIGINAL_TIMESTAMP, ORIGINAL_TOPIC, PREVIOUS_GROUP,
    PREVIOUS_HOST, PREVIOUS_OFFSET, PREVIOUS_PARTITION, PREVIOUS_TIMESTAMP, PREVIOUS_TOPIC,
    RETRIES, SCHEMA_ID, TRACEPARENT, bytes, find, origin, set, short, text, trace,
};
use crate::codec::split_frame;
use crate::verdict::Coordinates;

/// One move of a submission's record to a successor topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop<'a> {
    /// Where it was read from.
    pub from: &'a Coordinates,
    /// The group that moves it.
    pub group: &'a str,
    /// The host that moves it.
    pub host: &'a str,
    /// What it has behind it, this move included.
    pub passed: Passed,
    /// Why it moves, if something failed.
    pub failure: Option<Failure<'a>>,
}

/// A fault of ours that a record met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure<'a> {
    /// A short code, such as `judge-fault`.
    pub class: &'a str,
    /// In words.
    pub message: &'a str,
    /// Now, ms since 1970.
    pub at_ms: i64,
}

/// What a submission has behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Attempts to judge it.
    pub attempts: i32,
    /// Retry topics that it was sent to.
    pub retries: i32,
}

impl Passed {
    /// As a predecessor wrote it; nothing if none did.
    pub fn read(headers: &[(String, Vec<u8>)]) -> Self {
        let number = |name| {
            let number = find(headers, name).and_then(|text| text.parse().ok());
            number.unwrap_or(0).max(0)
        };
        Self {
            attempts: number(ATTEMPT),
            retries: number(RETRIES),
        }
    }
}

impl Hop<'_> {
    /// The headers of the copy: all that the record had, its way brought up to date. `moved_key` is the record's key if
    /// the copy gets another.
    pub fn headers(&self, original: &Headers, payload: &[u8], moved_key: Option<&[u8]>) -> Headers {
        let mut headers = original.clone();
        set(&mut headers, text(TRACEPARENT, trace(original).child()));
        self.keep_the_beginning(&mut headers, payload, moved_key);
        let hop = [
            text(ATTEMPT, self.passed.attempts),
            text(RETRIES, self.passed.retries),
            text(PREVIOUS_TOPIC, &self.from.topic),
            text(PREVIOUS_PARTITION, self.from.partition),
            text(PREVIOUS_OFFSET, self.from.offset),
            text(PREVIOUS_TIMESTAMP, self.from.append_time_ms),
            text(PREVIOUS_GROUP, self.group),
            text(PREVIOUS_HOST, self.host),
        ];
        for header in hop {
            set(&mut headers, header);
        }
        if let Some(failure) = &self.failure {
            keep(&mut headers, text(FIRST_FAILURE_TIME, failure.at_ms));
            set(&mut headers, text(ERROR_CLASS, failure.class));
            set(&mut headers, text(ERROR_MESSAGE, short(failure.message)));
        }
        headers
    }

    fn keep_the_beginning(&self, headers: &mut Headers, payload: &[u8], moved_key: Option<&[u8]>) {
        if origin(headers).is_none() {
            let beginning = [
                text(ORIGINAL_TOPIC, &self.from.topic),
                text(ORIGINAL_PARTITION, self.from.partition),
                text(ORIGINAL_OFFSET, self.from.offset),
                text(ORIGINAL_TIMESTAMP, self.from.append_time_ms),
            ];
            for header in beginning {
                set(headers, header);
            }
        }
        if let Some(key) = moved_key {
            keep(headers, bytes(ORIGINAL_KEY, key));
        }
        if let Ok((id, _)) = split_frame(payload) {
            keep(headers, text(SCHEMA_ID, id));
        }
    }
}

/// Adds the header unless there is one of its name.
fn keep(headers: &mut Headers, header: (String, Vec<u8>)) {
    if headers.iter().all(|(name, _)| *name != header.0) {
        headers.push(header);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{identity, standard};
    use uuid::Uuid;

    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn at(topic: &str, offset: i64) -> Coordinates {
        Coordinates {
            topic: topic.to_owned(),
            partition: 3,
            offset,
            append_time_ms: 1_700_000_000_000 + offset,
        }
    }

    fn lines(headers: &Headers) -> Vec<String> {
        let mut lines: Vec<_> = headers
            .iter()
            .filter(|(name, _)| name != TRACEPARENT)
            .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value)))
            .collect();
        lines.sort_unstable();
        lines
    }

    #[test]
    fn a_record_that_moves_twice_keeps_its_beginning_and_says_where_it_was_last() {
        let trace = TRACE.parse().expect("valid");
        let first = standard(Uuid::from_u128(1), 2, trace);
        let payload = [0, 0, 0, 3, 233, 7];
        let from = at("submissions", 77);
        let overflow = Hop {
            from: &from,
            group: "evaluators",
            host: "one",
            passed: Passed::default(),
            failure: None,
        };
        let second = overflow.headers(&first, &payload, Some(b"lanterns"));
        let from = at("submissions.overflow", 5);
        let retry = Hop {
            from: &from,
            group: "evaluators.overflow",
            host: "two",
            passed: Passed {
                attempts: 3,
                retries: 1,
            },
            failure: Some(Failure {
                class: "judge-fault",
                message: "no room left",
                at_ms: 99,
            }),
        };
        let third = retry.headers(&second, &payload, Some(b"1"));
        assert_eq!(
            lines(&third),
            [
                "attempt=3",
                "content-type=application/vnd.confluent.avro",
                "error-class=judge-fault",
                "error-message=no room left",
                "first-failure-time=99",
                "generation=2",
                "original-key=lanterns",
                "original-offset=77",
                "original-partition=3",
                "original-timestamp=1700000000077",
                "original-topic=submissions",
                "previous-group=evaluators.overflow",
                "previous-host=two",
                "previous-offset=5",
                "previous-partition=3",
                "previous-timestamp=1700000000005",
                "previous-topic=submissions.overflow",
                "retries=1",
                "schema-id=1001",
                "submission-id=00000000-0000-0000-0000-000000000001",
            ]
        );
        let read = super::trace(&third);
        assert_eq!(read.trace_id, trace.trace_id, "the trace goes on");
        assert_ne!(read.to_string(), TRACE, "a step further");
        assert_eq!(identity(&third), Some((Uuid::from_u128(1), 2)));
        assert_eq!(Passed::read(&third), retry.passed);
        let later = Failure {
            class: "language-unavailable",
            message: "no compiler",
            at_ms: 200,
        };
        let again = Hop {
            failure: Some(later),
            ..retry
        };
        let fourth = lines(&again.headers(&third, &payload, None));
        assert!(fourth.contains(&"first-failure-time=99".to_owned()));
        assert!(fourth.contains(&"error-class=language-unavailable".to_owned()));
        assert_eq!(fourth.len(), lines(&third).len(), "headers do not grow");
    }

    #[test]
    fn what_cannot_be_read_of_a_way_is_nothing() {
        let headers = vec![text(ATTEMPT, "-4"), text(RETRIES, "many")];
        assert_eq!(Passed::read(&headers), Passed::default());
    }
}
