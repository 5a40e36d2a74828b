//! Submissions and verdicts as their writers make them.

use anyhow::Result;
use kafka::Record;
use prometheus::Registry;
use results_sink::{Metrics, Outcome, Sink};
use schemas::{JuryVerdict, SourceFile, Submission, Verdict, VerdictCode, codec, topics};
use store::{ApplyError, Database, Projection};
use uuid::Uuid;

pub(crate) const APPENDED_AT_MS: i64 = 1_795_000_000_000;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn submission(number: u128, generation: i32) -> Submission {
    Submission {
        submission_id: id(number),
        generation,
        tenant: "school".into(),
        contest_id: None,
        user_id: format!("user-{}", number % 2),
        problem_id: "sum".into(),
        language: "cpp".into(),
        entry_point: None,
        files: vec![SourceFile {
            name: "main.cpp".into(),
            content: b"int main() {}".to_vec(),
        }],
        submitted_at_ms: 1,
        idempotency_key: None,
        package_digest: None,
    }
}

pub(crate) fn verdict(number: u128, generation: i32, code: VerdictCode) -> Verdict {
    Verdict {
        submission_id: id(number),
        generation,
        tenant: "school".into(),
        user_id: format!("user-{}", number % 2),
        problem_id: "sum".into(),
        language: "cpp".into(),
        verdict: code,
        jury: JuryVerdict {
            messages: vec!["between us".into()],
            ..JuryVerdict::default()
        },
        ..Verdict::default()
    }
}

pub(crate) fn record(topic: &str, offset: i64, payload: Vec<u8>) -> Record {
    Record {
        topic: topic.into(),
        partition: 0,
        offset,
        timestamp_ms: Some(APPENDED_AT_MS + offset),
        key: Some(b"key".to_vec()),
        payload,
        headers: vec![("attempt".into(), b"1".to_vec())],
    }
}

pub(crate) fn accepted(offset: i64, submission: &Submission) -> Result<Record> {
    Ok(record(
        topics::SUBMISSIONS,
        offset,
        codec::encode(submission)?,
    ))
}

pub(crate) fn judged(offset: i64, verdict: &Verdict) -> Result<Record> {
    Ok(record(topics::VERDICTS, offset, codec::encode(verdict)?))
}

pub(crate) fn sink() -> Result<Sink> {
    Ok(Sink::new(Metrics::new(&Registry::new())?))
}

/// Records a batch in a transaction of its own.
pub(crate) async fn apply(database: &Database, records: &[Record]) -> Result<Outcome, ApplyError> {
    let sink = sink().map_err(|error| ApplyError::Halt(error.to_string()))?;
    let mut transaction = database.begin().await?;
    let outcome = sink.apply(&mut transaction, records).await?;
    transaction.commit().await?;
    Ok(outcome)
}

/// Every row of every table the sink writes, for comparison; times of recording left out.
pub(crate) async fn everything(database: &Database) -> Result<Vec<String>> {
    const DUMPS: [&str; 8] = [
        "SELECT digest || ' ' || CAST(size_bytes AS TEXT) AS line FROM sources",
        "SELECT digest || ' ' || name || ' ' || CAST(position AS TEXT) AS line FROM source_files",
        "SELECT submission_id || ' ' || CAST(accepted_at_ms AS TEXT) AS line FROM submissions",
        "SELECT submission_id || ' ' || CAST(generation AS TEXT) || ' ' || \
         CAST(record_offset AS TEXT) AS line FROM judgements",
        "SELECT submission_id || ' ' || CAST(generation AS TEXT) || ' ' || verdict || ' ' || \
         CAST(record_offset AS TEXT) AS line FROM verdicts",
        "SELECT problem_id || ' ' || verdict || ' ' || CAST(judgements AS TEXT) AS line \
         FROM verdict_counts",
        "SELECT submission_id || ' ' || recorded_verdict || ' ' || later_verdict || ' ' || \
         CAST(record_offset AS TEXT) AS line FROM verdict_divergences",
        "SELECT topic || ' ' || CAST(record_offset AS TEXT) || ' ' || error AS line FROM quarantine",
    ];
    let mut lines = Vec::new();
    for dump in DUMPS {
        let rows = database
            .fetch(format!("{dump} ORDER BY line"), vec![])
            .await?;
        for row in &rows {
            lines.push(row.get::<String>("line")?);
        }
        lines.push("--".into());
    }
    Ok(lines)
}

pub(crate) async fn counts(database: &Database) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT verdict, judgements FROM verdict_counts ORDER BY verdict";
    let rows = database.fetch(sql, vec![]).await?;
    rows.iter()
        .map(|row| Ok((row.get("verdict")?, row.get("judgements")?)))
        .collect()
}
