//! Records that nobody can read, kept as they came.

use store::{Error, Transaction, Value};

use crate::reading::Poison;

/// Keeps poison records; answers how many were new.
pub(crate) async fn record(
    transaction: &mut Transaction,
    poison: &[Poison<'_>],
    now_ms: i64,
) -> Result<usize, Error> {
    let rows = poison.iter().map(|one| row(one, now_ms)).collect();
    let new = transaction.insert(INSERT, rows, NEW_ONLY).await?;
    Ok(new.len())
}

const INSERT: &str = "\
    INSERT INTO quarantine (topic, partition, record_offset, appended_at_ms, record_key, payload, \
    headers, error, seen_at_ms)";

const NEW_ONLY: &str = "ON CONFLICT DO NOTHING RETURNING record_offset";

fn row(Poison { record, error }: &Poison<'_>, now_ms: i64) -> [Value; 9] {
    let text = |value: &[u8]| serde_json::Value::from(String::from_utf8_lossy(value));
    let headers: Vec<_> = record
        .headers
        .iter()
        .map(|(name, value)| serde_json::json!([name, text(value)]))
        .collect();
    [
        record.topic.as_str().into(),
        record.partition.into(),
        record.offset.into(),
        record.timestamp_ms.unwrap_or_default().into(),
        record.key.clone().into(),
        record.payload.clone().into(),
        serde_json::Value::from(headers).to_string().into(),
        error.to_string().into(),
        now_ms.into(),
    ]
}
