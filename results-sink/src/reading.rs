//! What a batch of records says, before anything is written.

use kafka::Record;
use schemas::{DecodeError, Message, Submission, Verdict, topics};
use store::{ApplyError, Error, Row};

/// Where a record lies in the log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Coordinates {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}

impl Coordinates {
    fn of(record: &Record) -> Self {
        Self {
            topic: record.topic.clone(),
            partition: record.partition,
            offset: record.offset,
        }
    }

    /// From the columns that every table names alike.
    pub(crate) fn of_row(row: &Row) -> Result<Self, Error> {
        let partition = row.get::<i64>("partition")? as i32;
        Ok(Self {
            topic: row.get("topic")?,
            partition,
            offset: row.get("record_offset")?,
        })
    }
}

/// A value and the record it came in.
#[derive(Clone, Debug)]
pub(crate) struct Read<T> {
    pub(crate) value: T,
    pub(crate) at: Coordinates,
    /// The broker's append time: when it was accepted, whatever the client says.
    pub(crate) appended_at_ms: i64,
}

/// A record whose bytes no version of this service can read.
#[derive(Debug)]
pub(crate) struct Poison<'a> {
    pub(crate) record: &'a Record,
    pub(crate) error: DecodeError,
}

/// A batch, sorted by what its records are.
#[derive(Debug, Default)]
pub(crate) struct Reading<'a> {
    pub(crate) submissions: Vec<Read<Submission>>,
    pub(crate) verdicts: Vec<Read<Verdict>>,
    pub(crate) poison: Vec<Poison<'a>>,
}

impl<'a> Reading<'a> {
    /// Reads every record, or says that we are too old to read one.
    pub(crate) fn of(records: &'a [Record]) -> Result<Self, ApplyError> {
        let mut reading = Self::default();
        for record in records {
            let read = if record.topic == topics::VERDICTS {
                read(record).map(|verdict| reading.verdicts.push(verdict))
            } else {
                read(record).map(|submission| reading.submissions.push(submission))
            };
            match read {
                Ok(()) => {}
                Err(error) if error.is_poison() => reading.poison.push(Poison { record, error }),
                Err(error) => {
                    let at = Coordinates::of(record);
                    return Err(ApplyError::Halt(format!(
                        "{}/{} offset {}: {error}",
                        at.topic, at.partition, at.offset
                    )));
                }
            }
        }
        Ok(reading)
    }
}

fn read<T: Message>(record: &Record) -> Result<Read<T>, DecodeError> {
    Ok(Read {
        value: schemas::codec::decode(&record.payload)?,
        at: Coordinates::of(record),
        appended_at_ms: record.timestamp_ms.unwrap_or_default(),
    })
}
