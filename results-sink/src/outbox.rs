//! Records that are due, and their way to the log.
//!
//! **Theory.** A row is entered by the transaction that makes a record due: a verdict was recorded, a rejudge
//! decided, a lost judgement found. It only names the record; what is sent is made of the tables, whose rows
//! never change, so the record of a key is the same whoever sends it and however often. One sink leads
//! and sends, in the order of entry; a row is deleted after its delivery report. A death before the report
//! leaves the row, and one between report and deletion sends the same record again. Should a leader that
//! was thought dead still send, it too sends what anybody would: no order between two senders can matter.

mod publisher;
mod records;

pub(crate) use publisher::Publisher;

use kafka::Delivered;
use store::{Database, Error, Transaction, Value};

/// A record that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    sequence: i64,
    pub(crate) topic: String,
    pub(crate) submission_id: String,
    pub(crate) generation: i64,
    pub(crate) since_ms: i64,
}

/// A record to be entered.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) topic: &'a str,
    pub(crate) submission_id: String,
    pub(crate) generation: i64,
    /// The rejudging whose decision it waits for.
    pub(crate) held_by: Option<String>,
}

/// Enters records and wakes the publisher; answers how many were not due already.
pub(crate) async fn enter(
    transaction: &mut Transaction,
    entries: Vec<Entry<'_>>,
    now_ms: i64,
) -> Result<usize, Error> {
    if entries.is_empty() {
        return Ok(0);
    }
    let rows = entries.into_iter().map(|entry| {
        [
            entry.topic.into(),
            entry.submission_id.into(),
            entry.generation.into(),
            entry.held_by.into(),
            now_ms.into(),
        ]
    });
    let entered = transaction
        .insert(
            "INSERT INTO outbox (topic, submission_id, generation, held_by, due_since_ms)",
            rows.collect::<Vec<[Value; 5]>>(),
            "ON CONFLICT (topic, submission_id, generation) DO NOTHING RETURNING sequence",
        )
        .await?;
    transaction.notify().await?;
    Ok(entered.len())
}

/// The records that are due, oldest entry first.
async fn due(database: &Database, at_most: i64) -> Result<Vec<Due>, Error> {
    let sql = "SELECT sequence, topic, submission_id, generation, due_since_ms FROM outbox \
        WHERE held_by IS NULL AND refused IS NULL ORDER BY sequence LIMIT $1";
    let rows = database.fetch(sql, vec![at_most.into()]).await?;
    let due = rows.iter().map(|row| {
        Ok(Due {
            sequence: row.get("sequence")?,
            topic: row.get("topic")?,
            submission_id: row.get("submission_id")?,
            generation: row.get("generation")?,
            since_ms: row.get("due_since_ms")?,
        })
    });
    due.collect()
}

/// Deletes what is on the log, and notes where each submission now waits once more.
async fn settle(database: &Database, sent: &[(Due, Delivered)]) -> Result<(), Error> {
    if sent.is_empty() {
        return Ok(());
    }
    let mut transaction = database.begin().await?;
    let copies = sent
        .iter()
        .filter(|(due, _)| due.topic == schemas::topics::SUBMISSIONS_BULK);
    let copies = copies.map(|(due, at)| -> [Value; 5] {
        [
            due.topic.as_str().into(),
            at.partition.into(),
            at.offset.into(),
            due.submission_id.as_str().into(),
            due.generation.into(),
        ]
    });
    let copies = copies.collect();
    transaction.insert(INSERT_COPY, copies, NEW_ONLY).await?;
    let sequences: Vec<Value> = sent.iter().map(|(due, _)| due.sequence.into()).collect();
    let names = crate::placeholders::list(1, sequences.len());
    let delete = format!("DELETE FROM outbox WHERE sequence IN ({names})");
    transaction.fetch(delete, sequences).await?;
    transaction.commit().await
}

/// Sets a record aside that can never be sent.
async fn refuse(database: &Database, due: &Due, reason: &str) -> Result<(), Error> {
    let mut transaction = database.begin().await?;
    let sql = "UPDATE outbox SET refused = $2 WHERE sequence = $1";
    let values = vec![due.sequence.into(), reason.into()];
    transaction.execute(sql, values).await?;
    transaction.commit().await
}

/// Enters a copy's coordinates: a record that asks for a known judgement once more.
pub(crate) const INSERT_COPY: &str = "\
    INSERT INTO judgement_copies (topic, partition, record_offset, submission_id, generation)";

/// A copy that is known already changes nothing.
pub(crate) const NEW_ONLY: &str = "ON CONFLICT DO NOTHING";

#[cfg(test)]
mod tests;
