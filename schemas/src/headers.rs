//! The headers of our records, and the way to write them.
//!
//! Whoever meets a record that it cannot decode still learns from these whose it was.

use uuid::Uuid;

use crate::traceparent::TraceParent;
use crate::verdict::Coordinates;

/// Headers as a Kafka client takes them.
pub type Headers = Vec<(String, Vec<u8>)>;

/// The submission's id, as text.
pub const SUBMISSION_ID: &str = "submission-id";
/// The generation, as a decimal number.
pub const GENERATION: &str = "generation";
/// The W3C trace context.
pub const TRACEPARENT: &str = "traceparent";
/// What the value is.
pub const CONTENT_TYPE: &str = "content-type";
/// The attempt, as a decimal number: 1 for the first.
pub const ATTEMPT: &str = "attempt";
/// Where the submission was first appended: topic.
pub const ORIGINAL_TOPIC: &str = "original-topic";
/// Where the submission was first appended: partition, as a decimal number.
pub const ORIGINAL_PARTITION: &str = "original-partition";
/// Where the submission was first appended: offset, as a decimal number.
pub const ORIGINAL_OFFSET: &str = "original-offset";
/// When the submission was first appended: ms since 1970, as a decimal number.
pub const ORIGINAL_TIMESTAMP: &str = "original-timestamp";

/// The value of [`CONTENT_TYPE`] for everything that this crate encodes.
pub const AVRO: &str = "application/vnd.confluent.avro";

/// Provenance of a dead letter, named and encoded as Spring for Apache Kafka does, so that its
/// tools and everyone else's can read them: numbers are big-endian, 4 or 8 bytes.
pub mod dead_letter {
    /// Topic it was read from: text.
    pub const ORIGINAL_TOPIC: &str = "kafka_dlt-original-topic";
    /// Partition it was read from: 4 bytes.
    pub const ORIGINAL_PARTITION: &str = "kafka_dlt-original-partition";
    /// Offset it was read from: 8 bytes.
    pub const ORIGINAL_OFFSET: &str = "kafka_dlt-original-offset";
    /// Time stamp it had: 8 bytes, ms since 1970.
    pub const ORIGINAL_TIMESTAMP: &str = "kafka_dlt-original-timestamp";
    /// What that time stamp was: `CreateTime` or `LogAppendTime`.
    pub const ORIGINAL_TIMESTAMP_TYPE: &str = "kafka_dlt-original-timestamp-type";
    /// The group that gave up: text.
    pub const ORIGINAL_CONSUMER_GROUP: &str = "kafka_dlt-original-consumer-group";
    /// The class of the error: text, for us a short code such as `undecodable`.
    pub const EXCEPTION_FQCN: &str = "kafka_dlt-exception-fqcn";
    /// The class of its cause: text.
    pub const EXCEPTION_CAUSE_FQCN: &str = "kafka_dlt-exception-cause-fqcn";
    /// The error in words: text.
    pub const EXCEPTION_MESSAGE: &str = "kafka_dlt-exception-message";
    /// Where in the program: text.
    pub const EXCEPTION_STACKTRACE: &str = "kafka_dlt-exception-stacktrace";
}

/// The headers every record of ours carries.
pub fn standard(submission_id: Uuid, generation: i32, trace: TraceParent) -> Headers {
    vec![
        text(SUBMISSION_ID, submission_id),
        text(GENERATION, generation),
        text(TRACEPARENT, trace),
        text(CONTENT_TYPE, AVRO),
    ]
}

/// The headers of a record that came of another one: the same trace a step further, the attempt,
/// and where the submission was first appended.
pub fn successor(
    submission_id: Uuid,
    generation: i32,
    trace: TraceParent,
    attempt: i32,
    origin: &Coordinates,
) -> Headers {
    let mut headers = standard(submission_id, generation, trace.child());
    headers.push(text(ATTEMPT, attempt));
    headers.push(text(ORIGINAL_TOPIC, &origin.topic));
    headers.push(text(ORIGINAL_PARTITION, origin.partition));
    headers.push(text(ORIGINAL_OFFSET, origin.offset));
    headers.push(text(ORIGINAL_TIMESTAMP, origin.append_time_ms));
    headers
}

/// Why a record became a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter<'a> {
    /// Where it was read from.
    pub origin: &'a Coordinates,
    /// The group that gave up.
    pub group: &'a str,
    /// A short code, such as `undecodable` or `crashed-alone`.
    pub error_class: &'a str,
    /// The error in words.
    pub message: &'a str,
}

/// The headers of a dead letter: all that the record had, and its provenance after them. A record
/// that is buried a second time keeps what was written first and gets the new provenance last.
pub fn dead_letter(original: &Headers, letter: &DeadLetter<'_>) -> Headers {
    use dead_letter::{
        EXCEPTION_FQCN, EXCEPTION_MESSAGE, ORIGINAL_CONSUMER_GROUP, ORIGINAL_OFFSET,
        ORIGINAL_PARTITION, ORIGINAL_TIMESTAMP, ORIGINAL_TIMESTAMP_TYPE, ORIGINAL_TOPIC,
    };
    let origin = letter.origin;
    let bytes = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
    let mut headers = original.clone();
    headers.extend([
        text(ORIGINAL_TOPIC, &origin.topic),
        bytes(ORIGINAL_PARTITION, &origin.partition.to_be_bytes()),
        bytes(ORIGINAL_OFFSET, &origin.offset.to_be_bytes()),
        bytes(ORIGINAL_TIMESTAMP, &origin.append_time_ms.to_be_bytes()),
        text(ORIGINAL_TIMESTAMP_TYPE, "LogAppendTime"),
        text(ORIGINAL_CONSUMER_GROUP, letter.group),
        text(EXCEPTION_FQCN, letter.error_class),
        text(EXCEPTION_MESSAGE, short(letter.message)),
    ]);
    headers
}

/// The room that successors' topics have for headers is finite.
fn short(message: &str) -> &str {
    &message[..message.floor_char_boundary(1_000)]
}

/// One header with a text value.
pub fn text(name: &str, value: impl ToString) -> (String, Vec<u8>) {
    (name.to_owned(), value.to_string().into_bytes())
}

/// The last header of this name, if it is text.
pub fn find<'a>(headers: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a str> {
    let (_, value) = headers.iter().rev().find(|(key, _)| key == name)?;
    std::str::from_utf8(value).ok()
}

/// Whose record this is, even when its value cannot be decoded.
pub fn identity(headers: &[(String, Vec<u8>)]) -> Option<(Uuid, i32)> {
    let id = find(headers, SUBMISSION_ID)?.parse().ok()?;
    let generation = find(headers, GENERATION)?.parse().ok()?;
    Some((id, generation))
}

/// The trace a record belongs to; a new one if it names none that can be read.
pub fn trace(headers: &[(String, Vec<u8>)]) -> TraceParent {
    find(headers, TRACEPARENT)
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(TraceParent::start)
}

/// Where the submission was first appended, if a predecessor of this record noted it.
pub fn origin(headers: &[(String, Vec<u8>)]) -> Option<Coordinates> {
    Some(Coordinates {
        topic: find(headers, ORIGINAL_TOPIC)?.to_owned(),
        partition: find(headers, ORIGINAL_PARTITION)?.parse().ok()?,
        offset: find(headers, ORIGINAL_OFFSET)?.parse().ok()?,
        append_time_ms: find(headers, ORIGINAL_TIMESTAMP)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coordinates() -> Coordinates {
        Coordinates {
            topic: "submissions".to_owned(),
            partition: 3,
            offset: 77,
            append_time_ms: 1_700_000_000_123,
        }
    }

    fn lines(headers: &Headers) -> Vec<String> {
        let line = |(name, value): &(String, Vec<u8>)| {
            format!("{name}={}", String::from_utf8_lossy(value).escape_debug())
        };
        headers.iter().map(line).collect()
    }

    #[test]
    fn every_header_that_leaves_is_written_as_documented() {
        let trace: TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            .parse()
            .expect("valid");
        let id = Uuid::from_u128(1);
        assert_eq!(
            lines(&standard(id, 2, trace)),
            [
                "submission-id=00000000-0000-0000-0000-000000000001",
                "generation=2",
                "traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "content-type=application/vnd.confluent.avro",
            ]
        );
        let successor = successor(id, 2, trace, 3, &coordinates());
        assert_eq!(
            lines(&successor)[4..],
            [
                "attempt=3",
                "original-topic=submissions",
                "original-partition=3",
                "original-offset=77",
                "original-timestamp=1700000000123",
            ]
        );
        assert_eq!(identity(&successor), Some((id, 2)));
        assert_eq!(origin(&successor), Some(coordinates()));
        assert_eq!(super::trace(&successor).trace_id, trace.trace_id);
    }

    #[test]
    fn a_dead_letter_keeps_its_headers_and_says_where_it_came_from_as_spring_does() {
        let original = vec![text(SUBMISSION_ID, "not an id")];
        let origin = coordinates();
        let headers = dead_letter(
            &original,
            &DeadLetter {
                origin: &origin,
                group: "evaluators",
                error_class: "undecodable",
                message: "no frame",
            },
        );
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
            ("kafka_dlt-exception-fqcn", b"undecodable"),
            ("kafka_dlt-exception-message", b"no frame"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_vec()));
        assert_eq!(headers, expected);
        assert_eq!(identity(&headers), None);
    }
}
