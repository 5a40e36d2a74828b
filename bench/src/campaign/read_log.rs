//! The topics, read from their beginning.

use std::collections::BTreeSet;

use anyhow::Context;
use kafka::{ClientConfig, Record, Start, Tail};
use schemas::{Submission, Verdict, codec, headers, topics};

use super::evidence::{Asked, Judged, Log, Place};

/// Reads all that the checker wants to know.
pub(super) async fn read(client: &ClientConfig) -> anyhow::Result<Log> {
    let mut log = Log::default();
    for topic in topics::CLIENT_LANES {
        for record in records(client, topic).await? {
            log.asked.push(asked(&record)?);
        }
    }
    for record in records(client, topics::VERDICTS).await? {
        let verdict: Verdict = codec::decode(&record.payload)?;
        log.judged.push(Judged {
            place: place(&record),
            at_ms: time(&record)?,
            verdict,
        });
    }
    // Partitions are read side by side.
    log.judged.sort_by(|a, b| a.place.cmp(&b.place));
    for record in records(client, topics::VERDICTS_LATEST).await? {
        let key = String::from_utf8(record.key.context("a record without a key")?)?;
        log.latest.push((key, codec::decode(&record.payload)?));
    }
    for record in records(client, topics::SUBMISSIONS_DLQ).await? {
        log.dead_letters.push(headers::identity(&record.headers));
        log.copies.extend(copy(&record)?);
    }
    for topic in topics::waiting_rooms() {
        for record in records(client, &topic).await? {
            log.copies.extend(copy(&record)?);
        }
    }
    Ok(log)
}

async fn records(client: &ClientConfig, topic: &str) -> anyhow::Result<Vec<Record>> {
    let client = client.named("campaign-checker");
    let mut tail = Tail::open(&client, &[topic], Start::Beginning).await?;
    let records = tail.read_to_present_end().await?;
    // The checker must not take a cut answer for a loss.
    let mut seen = BTreeSet::new();
    let twice = records
        .iter()
        .find(|it| !seen.insert((it.partition, it.offset)));
    anyhow::ensure!(twice.is_none(), "read a record of {topic} twice");
    Ok(records)
}

fn asked(record: &Record) -> anyhow::Result<Asked> {
    let submission: Submission = codec::decode(&record.payload)?;
    Ok(Asked {
        key: (submission.submission_id, submission.generation),
        place: place(record),
        at_ms: time(record)?,
    })
}

fn copy(record: &Record) -> anyhow::Result<Option<(String, i64)>> {
    let at_ms = time(record)?;
    let host = record.text_header(headers::PREVIOUS_HOST);
    Ok(host.map(|host| (host.to_owned(), at_ms)))
}

fn time(record: &Record) -> anyhow::Result<i64> {
    record.timestamp_ms.context("a record without a time")
}

fn place(record: &Record) -> Place {
    Place {
        topic: record.topic.clone(),
        partition: record.partition.into(),
        offset: record.offset,
    }
}
