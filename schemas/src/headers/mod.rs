//! The headers of our records, and the way to write them.
//!
//! Whoever meets a record that it cannot decode still learns from these whose it was.

pub mod dead_letter;
mod hop;

use uuid::Uuid;

use crate::traceparent::TraceParent;
use crate::verdict::Coordinates;

pub use hop::{Failure, Hop, Passed};

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
/// The attempt, as a decimal number: 1 for the first. On a verdict the one that it came of; on a copy of a submission
/// the last one made before it, 0 for none.
pub const ATTEMPT: &str = "attempt";
/// Where the submission was first appended: topic.
pub const ORIGINAL_TOPIC: &str = "original-topic";
/// Where the submission was first appended: partition, as a decimal number.
pub const ORIGINAL_PARTITION: &str = "original-partition";
/// Where the submission was first appended: offset, as a decimal number.
pub const ORIGINAL_OFFSET: &str = "original-offset";
/// When the submission was first appended: ms since 1970, as a decimal number.
pub const ORIGINAL_TIMESTAMP: &str = "original-timestamp";

/// The key that the submission was first appended under, on copies that have another: bytes.
pub const ORIGINAL_KEY: &str = "original-key";
/// Where this copy was read from: topic.
pub const PREVIOUS_TOPIC: &str = "previous-topic";
/// Where this copy was read from: partition, as a decimal number.
pub const PREVIOUS_PARTITION: &str = "previous-partition";
/// Where this copy was read from: offset, as a decimal number.
pub const PREVIOUS_OFFSET: &str = "previous-offset";
/// When what was read there had been appended: ms since 1970, as a decimal number.
pub const PREVIOUS_TIMESTAMP: &str = "previous-timestamp";
/// The consumer group that made this copy.
pub const PREVIOUS_GROUP: &str = "previous-group";
/// The host that made this copy.
pub const PREVIOUS_HOST: &str = "previous-host";
/// Retry topics that the record was sent to, as a decimal number.
pub const RETRIES: &str = "retries";
/// When judging it failed for the first time by our own fault: ms since 1970, as a decimal number.
pub const FIRST_FAILURE_TIME: &str = "first-failure-time";
/// The last failure, as the short code that dead letters and judge errors carry.
pub const ERROR_CLASS: &str = "error-class";
/// The last failure in words, cut after a thousand bytes.
pub const ERROR_MESSAGE: &str = "error-message";
/// The dead letter that a replayed submission comes from: topic/partition/offset.
pub const REPLAYED_FROM: &str = "replayed-from";
/// The package that a copy of a submission is to be judged with, by its digest.
pub const PACKAGE_DIGEST: &str = "package-digest";
/// The schema id in the frame of the value, as a decimal number.
pub const SCHEMA_ID: &str = "schema-id";

/// The value of [`CONTENT_TYPE`] for everything that this crate encodes.
pub const AVRO: &str = "application/vnd.confluent.avro";

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

/// One header with a text value.
pub fn text(name: &str, value: impl ToString) -> (String, Vec<u8>) {
    (name.to_owned(), value.to_string().into_bytes())
}

fn bytes(name: &str, value: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), value.to_vec())
}

/// Puts the header in the place of all others of its name.
pub fn set(headers: &mut Headers, header: (String, Vec<u8>)) {
    headers.retain(|(name, _)| *name != header.0);
    headers.push(header);
}

/// The room that successors' topics have for headers is finite.
fn short(message: &str) -> &str {
    &message[..message.floor_char_boundary(1_000)]
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
}
