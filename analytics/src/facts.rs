//! The projection: a fact for every submission and every verdict.

use std::collections::BTreeMap;

use kafka::Record;
use schemas::{DecodeError, Message, Submission, Verdict, identity, topics};
use store::{ApplyError, Error, Projection, Transaction, Value};

use crate::Metrics;

/// Writes the facts of one group.
#[derive(Debug)]
pub struct Facts {
    group_id: String,
    metrics: Metrics,
}

/// What a recorded batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Records of client lanes read.
    pub submissions: usize,
    /// Records of `verdicts` read.
    pub verdicts: usize,
    /// Undecodable records passed over.
    pub skipped: usize,
}

/// Rows of a batch. A key may come twice in it, and PostgreSQL updates a row once a statement.
#[derive(Default)]
struct Rows {
    submissions: BTreeMap<(String, i32), (i64, [Value; 9])>,
    verdicts: Vec<[Value; 5]>,
    skipped: Vec<[Value; 5]>,
}

impl Facts {
    /// Facts of this group.
    pub fn new(group_id: impl Into<String>, metrics: Metrics) -> Self {
        Self {
            group_id: group_id.into(),
            metrics,
        }
    }

    fn read(&self, record: &Record, rows: &mut Rows) -> Result<(), DecodeError> {
        let appended_at_ms = record.timestamp_ms.unwrap_or_default();
        if record.topic == topics::VERDICTS {
            rows.verdicts
                .push(self.verdict(&decode(record)?, appended_at_ms));
            return Ok(());
        }
        let submission: Submission = decode(record)?;
        let key = (submission.submission_id.to_string(), submission.generation);
        let row = self.submission(&submission, appended_at_ms);
        match rows.submissions.get(&key) {
            Some((earlier, _)) if *earlier <= appended_at_ms => {}
            _ => {
                rows.submissions.insert(key, (appended_at_ms, row));
            }
        }
        Ok(())
    }

    fn submission(&self, submission: &Submission, appended_at_ms: i64) -> [Value; 9] {
        let digest = identity::source_digest(&submission.files, submission.entry_point.as_deref());
        [
            self.group_id.as_str().into(),
            submission.submission_id.to_string().into(),
            submission.generation.into(),
            submission.tenant.as_str().into(),
            submission.user_id.as_str().into(),
            submission.problem_id.as_str().into(),
            submission.language.as_str().into(),
            digest.into(),
            appended_at_ms.into(),
        ]
    }

    fn verdict(&self, verdict: &Verdict, appended_at_ms: i64) -> [Value; 5] {
        [
            self.group_id.as_str().into(),
            verdict.submission_id.to_string().into(),
            verdict.generation.into(),
            verdict.verdict.as_str().into(),
            appended_at_ms.into(),
        ]
    }

    fn skipped(&self, record: &Record, error: &DecodeError) -> [Value; 5] {
        [
            self.group_id.as_str().into(),
            record.topic.as_str().into(),
            record.partition.into(),
            record.offset.into(),
            error.to_string().into(),
        ]
    }
}

impl Projection for Facts {
    type Outcome = Outcome;

    async fn apply(
        &self,
        transaction: &mut Transaction,
        records: &[Record],
    ) -> Result<Outcome, ApplyError> {
        let mut rows = Rows::default();
        for record in records {
            match self.read(record, &mut rows) {
                Ok(()) => {}
                Err(error) if error.is_poison() => rows.skipped.push(self.skipped(record, &error)),
                Err(error) => return Err(ApplyError::Halt(error.to_string())),
            }
        }
        let verdicts = rows.verdicts.len();
        let skipped = rows.skipped.len();
        rows.insert(transaction).await?;
        Ok(Outcome {
            submissions: records.len() - verdicts - skipped,
            verdicts,
            skipped,
        })
    }

    fn recorded(&self, outcome: Outcome, records: &[Record]) {
        self.metrics.recorded(outcome, records);
    }
}

const INSERT_SUBMISSION: &str = "\
    INSERT INTO analytics_submissions (group_id, submission_id, generation, tenant, user_id, \
    problem_id, language, source_digest, accepted_at_ms)";

/// The lanes are read in no fixed order; the earliest append is the same in all of them.
const KEEP_EARLIEST: &str = "\
    ON CONFLICT (group_id, submission_id, generation) \
    DO UPDATE SET accepted_at_ms = excluded.accepted_at_ms \
    WHERE excluded.accepted_at_ms < analytics_submissions.accepted_at_ms";

const INSERT_VERDICT: &str = "\
    INSERT INTO analytics_verdicts (group_id, submission_id, generation, verdict, appended_at_ms)";

const INSERT_SKIPPED: &str = "\
    INSERT INTO analytics_skipped (group_id, topic, partition, record_offset, error)";

impl Rows {
    async fn insert(self, transaction: &mut Transaction) -> Result<(), Error> {
        let submissions = self.submissions.into_values().map(|(_, row)| row).collect();
        transaction
            .insert(INSERT_SUBMISSION, submissions, KEEP_EARLIEST)
            .await?;
        // All verdicts of a key lie in one partition, so the first one read is the first one.
        transaction
            .insert(INSERT_VERDICT, self.verdicts, "ON CONFLICT DO NOTHING")
            .await?;
        transaction
            .insert(INSERT_SKIPPED, self.skipped, "ON CONFLICT DO NOTHING")
            .await?;
        Ok(())
    }
}

fn decode<T: Message>(record: &Record) -> Result<T, DecodeError> {
    schemas::codec::decode(&record.payload)
}
