//! The registry wire format: a zero byte, the schema id as a big-endian u32, the Avro body.
//!
//! The schemas are embedded (see [`released`](crate::released)), so no registry has to run. The
//! current version takes apache-avro's fast path in both directions. That path panics when it is
//! given a reader schema, so it never is: records of an older version go the slow way, by value and
//! schema resolution, and whether they can is proven by the compatibility test, not at run time.

use std::sync::Once;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::writer::datum::GenericDatumWriter;

use crate::message::Message;
use crate::released::Released;
use crate::submission::InvalidSubmission;

/// Bytes before the Avro body.
pub const FRAME_BYTES: usize = 5;

/// No decoded list or text may claim more than this, whatever its length prefix says.
const MAX_ALLOCATION_BYTES: usize = 4 << 20;

/// Why a value could not be put on the wire.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The submission breaks a rule or a cap.
    #[error(transparent)]
    Invalid(#[from] InvalidSubmission),
    /// The type and its schema disagree: our bug.
    #[error("failed to encode a {name} record")]
    Schema {
        /// The record's name.
        name: &'static str,
        /// What apache-avro says.
        #[source]
        source: Box<apache_avro::Error>,
    },
}

/// Why bytes are not a record of the type asked for.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not the registry wire format at all. Poison.
    #[error("{length} bytes without the registry frame (a zero byte and a schema id)")]
    NotFramed {
        /// Bytes seen.
        length: usize,
    },
    /// Framed under an id that this build does not embed. Our fault: a newer writer is running, so
    /// stop taking work and upgrade; never dead-letter it.
    #[error(
        "schema id {id} is not embedded in this version as a {name} schema: upgrade this service"
    )]
    UnknownSchema {
        /// The id in the frame.
        id: u32,
        /// The record's name.
        name: &'static str,
    },
    /// The body does not fit the schema that its frame names. Poison.
    #[error("malformed {name} record under schema id {id}: {message}")]
    Malformed {
        /// The id in the frame.
        id: u32,
        /// The record's name.
        name: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// Decoded, but larger than any record we would write. Poison.
    #[error("record is too large: {0}")]
    TooLarge(InvalidSubmission),
}

impl DecodeError {
    /// Whether the record itself is bad: no version of this service could ever use it.
    pub fn is_poison(&self) -> bool {
        !matches!(self, Self::UnknownSchema { .. })
    }
}

/// Encodes a value under the current schema of its type.
pub fn encode<T: Message>(value: &T) -> Result<Vec<u8>, EncodeError> {
    T::codec().encode(value)
}

/// Decodes a value written under any released schema of its type.
pub fn decode<T: Message>(bytes: &[u8]) -> Result<T, DecodeError> {
    T::codec().decode(bytes)
}

/// Writers and readers of one type, built once.
pub struct Codec<T> {
    current: Version,
    older: Vec<Version>,
    writer: GenericDatumWriter<'static>,
    _type: std::marker::PhantomData<fn() -> T>,
}

struct Version {
    id: u32,
    reader: GenericDatumReader<'static>,
}

impl<T: Message> Codec<T> {
    /// Builds the codec of a type from its released schemas, oldest first; the last is current.
    ///
    /// # Panics
    /// If an embedded schema does not parse, which the tests of this crate rule out.
    pub fn new(released: &[Released]) -> Self {
        static BOUND: Once = Once::new();
        BOUND.call_once(|| {
            apache_avro::util::max_allocation_bytes(MAX_ALLOCATION_BYTES);
        });
        let Some((current, older)) = released.split_last() else {
            panic!("no schema is released for {}", T::NAME);
        };
        let schema = parse(current);
        let reads_as_current = |release: &Released| Version {
            id: release.id,
            reader: reader(parse(release), Some(schema)),
        };
        Self {
            older: older.iter().map(reads_as_current).collect(),
            current: Version {
                id: current.id,
                reader: reader(schema, None),
            },
            writer: GenericDatumWriter::builder(schema)
                .build()
                .unwrap_or_else(|error| panic!("schema of {} does not resolve: {error}", T::NAME)),
            _type: std::marker::PhantomData,
        }
    }

    fn encode(&self, value: &T) -> Result<Vec<u8>, EncodeError> {
        let value = value.prepare()?;
        let mut bytes = Vec::with_capacity(1024);
        bytes.push(0);
        bytes.extend_from_slice(&self.current.id.to_be_bytes());
        self.writer
            .write_ser(&mut bytes, value.as_ref())
            .map_err(|source| EncodeError::Schema {
                name: T::NAME,
                source: Box::new(source),
            })?;
        Ok(bytes)
    }

    fn decode(&self, bytes: &[u8]) -> Result<T, DecodeError> {
        let (id, mut body) = split_frame(bytes)?;
        let malformed = |message: String| DecodeError::Malformed {
            id,
            name: T::NAME,
            message,
        };
        let value: T = if id == self.current.id {
            self.current.reader.read_deser(&mut body)
        } else {
            let version = self.older.iter().find(|version| version.id == id);
            let version = version.ok_or(DecodeError::UnknownSchema { id, name: T::NAME })?;
            version
                .reader
                .read_value(&mut body)
                .and_then(|value| apache_avro::from_value(&value))
        }
        .map_err(|error| malformed(error.to_string()))?;
        if !body.is_empty() {
            return Err(malformed(format!("{} bytes after its end", body.len())));
        }
        value.admit()?;
        Ok(value)
    }
}

/// Splits the frame from the body: the schema id first.
pub fn split_frame(bytes: &[u8]) -> Result<(u32, &[u8]), DecodeError> {
    match bytes {
        [0, a, b, c, d, body @ ..] => Ok((u32::from_be_bytes([*a, *b, *c, *d]), body)),
        _ => Err(DecodeError::NotFramed {
            length: bytes.len(),
        }),
    }
}

/// A codec lives as long as the process, and so do the schemas it borrows.
fn parse(release: &Released) -> &'static Schema {
    match Schema::parse_str(release.schema) {
        Ok(schema) => Box::leak(Box::new(schema)),
        Err(error) => panic!("embedded schema {} does not parse: {error}", release.id),
    }
}

fn reader(
    writer_schema: &'static Schema,
    reader_schema: Option<&'static Schema>,
) -> GenericDatumReader<'static> {
    GenericDatumReader::builder(writer_schema)
        .maybe_reader_schema(reader_schema)
        .build()
        .unwrap_or_else(|error| panic!("embedded schema does not resolve: {error}"))
}

/// A UUID as its text: what other languages' Avro libraries expect under the logical type.
pub(crate) mod uuid_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use uuid::Uuid;

    pub(crate) fn serialize<S: Serializer>(id: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Uuid, D::Error> {
        let text = String::deserialize(deserializer)?;
        Uuid::parse_str(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Progress, ProgressState};
    use crate::released;

    /// What version 1 would have been, had `test_verdict` come only with version 2.
    fn before_test_verdict() -> Released {
        let current = released::PROGRESS[0];
        let mut schema: serde_json::Value =
            serde_json::from_str(current.schema).expect("embedded schemas are JSON");
        let fields = schema["fields"].as_array_mut().expect("a record");
        fields.retain(|field| field["name"] != "test_verdict");
        Released {
            id: current.id + 50,
            version: 0,
            schema: Box::leak(schema.to_string().into_boxed_str()),
        }
    }

    #[test]
    fn a_record_of_an_older_version_is_read_with_the_defaults_of_the_current_one() {
        #[derive(serde::Serialize)]
        #[serde(rename = "Progress")]
        struct OldProgress {
            submission_id: String,
            generation: i32,
            state: ProgressState,
            tests_done: i32,
            tests_total: i32,
            at_ms: i64,
        }
        let old = before_test_verdict();
        let mut bytes = vec![0];
        bytes.extend(old.id.to_be_bytes());
        let written = OldProgress {
            submission_id: uuid::Uuid::from_u128(5).to_string(),
            generation: 1,
            state: ProgressState::Running,
            tests_done: 2,
            tests_total: 3,
            at_ms: 4,
        };
        GenericDatumWriter::builder(parse(&old))
            .build()
            .and_then(|writer| writer.write_ser(&mut bytes, &written))
            .expect("the old schema writes");
        let codec = Codec::<Progress>::new(&[old, released::PROGRESS[0]]);
        let read = codec.decode(&bytes).expect("the old record is read");
        let expected = Progress {
            submission_id: uuid::Uuid::from_u128(5),
            generation: 1,
            state: ProgressState::Running,
            tests_done: 2,
            tests_total: 3,
            test_verdict: None,
            at_ms: 4,
        };
        assert_eq!(read, expected);
        bytes.truncate(20);
        let error = codec.decode(&bytes).expect_err("cut");
        assert!(matches!(error, DecodeError::Malformed { .. }), "{error}");
    }
}
