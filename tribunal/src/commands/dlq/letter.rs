//! One dead letter, as far as it can be read.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use kafka::Record;
use schemas::codec::DecodeError;
use schemas::{Coordinates, Submission, codec, headers};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::show::visible;

/// Partition and offset on the dead-letter topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) partition: i32,
    pub(super) offset: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.partition, self.offset)
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(partition, offset)| {
            Some(Self {
                partition: partition.parse().ok()?,
                offset: offset.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| format!("{text:?} is no place: write PARTITION/OFFSET, such as 3/17"))
    }
}

/// A record of the dead-letter topic.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) record: Record,
    /// What its bytes say.
    pub(super) submission: Result<Submission, DecodeError>,
}

impl Letter {
    pub(super) fn read(record: Record) -> Self {
        Self {
            submission: codec::decode(&record.payload),
            record,
        }
    }

    pub(super) fn place(&self) -> Place {
        Place {
            partition: self.record.partition,
            offset: self.record.offset,
        }
    }

    /// The short code of why nobody could judge it.
    pub(super) fn cause(&self) -> &str {
        let header = self
            .record
            .text_header(headers::dead_letter::EXCEPTION_FQCN);
        header.unwrap_or("unknown")
    }

    /// The same in words.
    pub(super) fn message(&self) -> &str {
        let header = self
            .record
            .text_header(headers::dead_letter::EXCEPTION_MESSAGE);
        header.unwrap_or_default()
    }

    /// When it became a dead letter, ms since 1970.
    pub(super) fn buried_ms(&self) -> i64 {
        self.record.timestamp_ms.unwrap_or_default()
    }

    /// Where the submission was first appended.
    pub(super) fn origin(&self) -> Option<Coordinates> {
        headers::origin(&self.record.headers)
    }

    /// Which judgement it asked for: as its bytes say, or else its headers.
    pub(super) fn identity(&self) -> Option<(Uuid, i32)> {
        match &self.submission {
            Ok(submission) => Some((submission.submission_id, submission.generation)),
            Err(_) => headers::identity(&self.record.headers),
        }
    }

    /// The problem: as its bytes say, or else its key.
    pub(super) fn problem(&self) -> Cow<'_, str> {
        match &self.submission {
            Ok(submission) => Cow::Borrowed(&submission.problem_id),
            Err(_) => String::from_utf8_lossy(self.record.key.as_deref().unwrap_or_default()),
        }
    }

    /// The tenant, if its bytes say.
    pub(super) fn tenant(&self) -> Option<&str> {
        let submission = self.submission.as_ref().ok()?;
        Some(&submission.tenant)
    }

    /// Cells for a table, safe to print.
    pub(super) fn row(&self) -> [String; 8] {
        let (submission, generation) = match self.identity() {
            Some((id, generation)) => (id.to_string(), generation.to_string()),
            None => ("-".to_owned(), "-".to_owned()),
        };
        [
            self.place().to_string(),
            moment(self.buried_ms()),
            visible(self.cause()),
            visible(&self.problem()),
            submission,
            generation,
            visible(self.tenant().unwrap_or("-")),
            visible(self.message()),
        ]
    }

    /// What a program may want to know.
    pub(super) fn summary(&self) -> Value {
        let (submission_id, generation) = self.identity().unzip();
        let origin = self.origin();
        json!({
            "letter": self.place().to_string(),
            "at_ms": self.buried_ms(),
            "cause": self.cause(),
            "message": self.message(),
            "problem_id": self.problem(),
            "submission_id": submission_id,
            "generation": generation,
            "tenant": self.tenant(),
            "original_topic": origin.as_ref().map(|origin| &origin.topic),
            "original_partition": origin.as_ref().map(|origin| origin.partition),
            "original_offset": origin.as_ref().map(|origin| origin.offset),
            "replayable": self.submission.is_ok(),
        })
    }
}

/// A time for people.
pub(super) fn moment(ms: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).ok();
    let text = moment.and_then(|moment| moment.format(&Rfc3339).ok());
    text.unwrap_or_else(|| format!("{ms} ms"))
}

#[cfg(test)]
pub(super) mod tests {
    use schemas::SourceFile;
    use schemas::headers::{Failure, dead_letter, text};

    use super::*;

    pub(in super::super) fn submission(id: u128, generation: i32) -> Submission {
        Submission {
            submission_id: Uuid::from_u128(id),
            generation,
            tenant: "school".to_owned(),
            contest_id: None,
            user_id: "ada".to_owned(),
            problem_id: "lanterns".to_owned(),
            language: "c".to_owned(),
            entry_point: None,
            files: vec![SourceFile {
                name: "main.c".to_owned(),
                content: b"int main(void) {}\n\x1b[2J".to_vec(),
            }],
            submitted_at_ms: 0,
            idempotency_key: None,
            package_digest: None,
        }
    }

    pub(in super::super) fn letter(offset: i64, payload: Vec<u8>) -> Letter {
        let origin = Coordinates {
            topic: "submissions".to_owned(),
            partition: 2,
            offset: 9,
            append_time_ms: 1_000,
        };
        let failure = Failure {
            class: "judge-fault",
            message: "no \x1b[31mroom",
            at_ms: 0,
        };
        let mut headers = vec![text(headers::SUBMISSION_ID, Uuid::from_u128(77))];
        headers.push(text(headers::GENERATION, 4));
        dead_letter::add(&mut headers, &origin, "evaluators", &failure);
        Letter::read(Record {
            topic: "submissions.dlq".to_owned(),
            partition: 1,
            offset,
            timestamp_ms: Some(1_767_225_600_000),
            key: Some(b"lanterns".to_vec()),
            payload,
            headers,
        })
    }

    pub(in super::super) fn whole(id: u128, generation: i32, offset: i64) -> Letter {
        let payload = codec::encode(&submission(id, generation)).expect("valid");
        letter(offset, payload)
    }

    #[test]
    fn its_bytes_say_whose_it_is_and_else_its_headers_and_its_key() {
        let whole = whole(5, 1, 3);
        assert_eq!(whole.identity(), Some((Uuid::from_u128(5), 1)));
        assert_eq!(whole.tenant(), Some("school"));
        let poison = letter(3, vec![0xff]);
        assert_eq!(poison.identity(), Some((Uuid::from_u128(77), 4)));
        assert_eq!(
            (poison.problem().as_ref(), poison.tenant()),
            ("lanterns", None)
        );
        assert_eq!(poison.summary()["replayable"], false);
    }

    #[test]
    fn a_row_has_nothing_in_it_that_a_terminal_would_obey() {
        let row = whole(5, 1, 3).row();
        assert_eq!(row[..3], ["1/3", "2026-01-01T00:00:00Z", "judge-fault"]);
        assert_eq!(row[7], "no \\u{1b}[31mroom");
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place: Place = "3/17".parse().expect("valid");
        assert_eq!(place.to_string(), "3/17");
        let refused: Result<Place, _> = "317".parse();
        assert!(refused.is_err_and(|error| error.contains("PARTITION/OFFSET")));
    }
}
