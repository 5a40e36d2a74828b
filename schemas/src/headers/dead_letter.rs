//! Provenance of a dead letter, named and encoded as Spring for Apache Kafka does, so that its tools and everyone else's
//! can read it: numbers are big-endian, 4 or 8 bytes.

use super::{Failure, Headers, bytes, set, short, text};
use crate::verdict::Coordinates;

/// Topic it was first appended to: text.
pub const ORIGINAL_TOPIC: &str = "kafka_dlt-original-topic";
/// Partition it was first appended to: 4 bytes.
pub const ORIGINAL_PARTITION: &str = "kafka_dlt-original-partition";
/// Offset it was first appended at: 8 bytes.
pub const ORIGINAL_OFFSET: &str = "kafka_dlt-original-offset";
/// Time stamp it had there: 8 bytes, ms since 1970.
pub const ORIGINAL_TIMESTAMP: &str = "kafka_dlt-original-timestamp";
/// What that time stamp was: `CreateTime` or `LogAppendTime`.
pub const ORIGINAL_TIMESTAMP_TYPE: &str = "kafka_dlt-original-timestamp-type";
/// The group that gave up: text.
pub const ORIGINAL_CONSUMER_GROUP: &str = "kafka_dlt-original-consumer-group";
/// The class of the error: text, for us a short code such as `malformed-record`.
pub const EXCEPTION_FQCN: &str = "kafka_dlt-exception-fqcn";
/// The error in words: text.
pub const EXCEPTION_MESSAGE: &str = "kafka_dlt-exception-message";

/// Adds the provenance. `origin` is where the record was first appended, however often it was moved since.
pub fn add(headers: &mut Headers, origin: &Coordinates, group: &str, failure: &Failure<'_>) {
    let provenance = [
        text(ORIGINAL_TOPIC, &origin.topic),
        bytes(ORIGINAL_PARTITION, &origin.partition.to_be_bytes()),
        bytes(ORIGINAL_OFFSET, &origin.offset.to_be_bytes()),
        bytes(ORIGINAL_TIMESTAMP, &origin.append_time_ms.to_be_bytes()),
        text(ORIGINAL_TIMESTAMP_TYPE, "LogAppendTime"),
        text(ORIGINAL_CONSUMER_GROUP, group),
        text(EXCEPTION_FQCN, failure.class),
        text(EXCEPTION_MESSAGE, short(failure.message)),
    ];
    for header in provenance {
        set(headers, header);
    }
}

#[cfg(test)]
mod tests {
    use super::super::SUBMISSION_ID;
    use super::*;

    #[test]
    fn a_dead_letter_says_where_it_came_from_as_spring_does() {
        let mut headers = vec![text(SUBMISSION_ID, "not an id")];
        let origin = Coordinates {
            topic: "submissions".to_owned(),
            partition: 3,
            offset: 77,
            append_time_ms: 1_700_000_000_123,
        };
        let failure = Failure {
            class: "malformed-record",
            message: "no frame",
            at_ms: 0,
        };
        add(&mut headers, &origin, "evaluators", &failure);
        let expected: [(&str, &[u8]); 9] = [
            ("submission-id", b"not an id"),
            ("kafka_dlt-original-topic", b"submissions"),
            ("kafka_dlt-original-partition", &3_i32.to_be_bytes()),
            ("kafka_dlt-original-offset", &77_i64.to_be_bytes()),
            (
                "kafka_dlt-original-timestamp",
                &1_700_000_000_123_i64.to_be_bytes(),
            ),
            ("kafka_dlt-original-timestamp-type", b"LogAppendTime"),
            ("kafka_dlt-original-consumer-group", b"evaluators"),
            ("kafka_dlt-exception-fqcn", b"malformed-record"),
            ("kafka_dlt-exception-message", b"no frame"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_vec()));
        assert_eq!(headers, expected);
    }
}
