//! Accepted submissions into the database, their sources once each.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemas::{Submission, identity};
use store::{Error, Transaction, Value};

use crate::outbox::{INSERT_COPY, NEW_ONLY as NEW_COPIES_ONLY};
use crate::placeholders;
use crate::reading::{Coordinates, Read};

/// What was new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) submissions: usize,
    pub(crate) judgements: usize,
}

/// Records submissions that are not yet known. A repeated one changes nothing but where its judgement
/// may still wait.
pub(crate) async fn record(
    transaction: &mut Transaction,
    read: &[Read<Submission>],
) -> Result<Accepted, Error> {
    if read.is_empty() {
        return Ok(Accepted::default());
    }
    // Two sinks insert in the same order, so that they wait for each other and never in a circle.
    let mut sorted: Vec<_> = read.iter().collect();
    sorted.sort_by_key(|one| (one.value.submission_id, one.value.generation));
    let digest = |one: &Submission| identity::source_digest(&one.files, one.entry_point.as_deref());
    let by_digest: BTreeMap<String, &Read<Submission>> = sorted
        .iter()
        .map(|one| (digest(&one.value), *one))
        .collect();
    insert_sources(transaction, &by_digest).await?;
    let rows = sorted
        .iter()
        .map(|one| submission_row(one, digest(&one.value)))
        .collect();
    let submissions = transaction
        .insert(INSERT_SUBMISSION, rows, NEW_ONLY)
        .await?
        .len();
    let rows = sorted.iter().map(|one| judgement_row(one)).collect();
    let new = transaction
        .insert(INSERT_JUDGEMENT, rows, NEW_JUDGEMENTS)
        .await?;
    let new: HashSet<Coordinates> = new
        .iter()
        .map(Coordinates::of_row)
        .collect::<Result<_, _>>()?;
    let known: Vec<_> = sorted
        .into_iter()
        .filter(|one| !new.contains(&one.at))
        .collect();
    insert_copies(transaction, &known).await?;
    Ok(Accepted {
        submissions,
        judgements: new.len(),
    })
}

/// Notes every further record of a known judgement: it waits until the last of them is done.
async fn insert_copies(
    transaction: &mut Transaction,
    known: &[&Read<Submission>],
) -> Result<(), Error> {
    if known.is_empty() {
        return Ok(());
    }
    let ids: Vec<Value> = known
        .iter()
        .map(|one| one.value.submission_id.to_string().into())
        .collect();
    let names = placeholders::list(1, ids.len());
    let sql = format!(
        "SELECT submission_id, generation, topic, partition, record_offset FROM judgements \
         WHERE submission_id IN ({names})"
    );
    let mut first: HashMap<(String, i64), Coordinates> = HashMap::new();
    for row in &transaction.fetch(sql, ids).await? {
        let key = (row.get("submission_id")?, row.get("generation")?);
        first.insert(key, Coordinates::of_row(row)?);
    }
    let copies = known.iter().filter(|one| {
        let id = one.value.submission_id.to_string();
        first.get(&(id, one.value.generation.into())) != Some(&one.at)
    });
    let rows = copies.map(|one| -> [Value; 5] {
        [
            one.at.topic.as_str().into(),
            one.at.partition.into(),
            one.at.offset.into(),
            one.value.submission_id.to_string().into(),
            one.value.generation.into(),
        ]
    });
    let rows = rows.collect();
    transaction
        .insert(INSERT_COPY, rows, NEW_COPIES_ONLY)
        .await?;
    Ok(())
}

const NEW_ONLY: &str = "ON CONFLICT DO NOTHING RETURNING submission_id";

const NEW_JUDGEMENTS: &str = "ON CONFLICT DO NOTHING RETURNING topic, partition, record_offset";

const INSERT_SUBMISSION: &str = "\
    INSERT INTO submissions (submission_id, tenant, contest_id, user_id, problem_id, language, \
    entry_point, source_digest, idempotency_key, submitted_at_ms, accepted_at_ms)";

const INSERT_JUDGEMENT: &str = "\
    INSERT INTO judgements (submission_id, generation, package_digest, topic, partition, \
    record_offset, accepted_at_ms)";

fn submission_row(read: &Read<Submission>, digest: String) -> [Value; 11] {
    let submission = &read.value;
    [
        submission.submission_id.to_string().into(),
        submission.tenant.as_str().into(),
        submission.contest_id.as_deref().into(),
        submission.user_id.as_str().into(),
        submission.problem_id.as_str().into(),
        submission.language.as_str().into(),
        submission.entry_point.as_deref().into(),
        digest.into(),
        submission.idempotency_key.as_deref().into(),
        submission.submitted_at_ms.into(),
        read.appended_at_ms.into(),
    ]
}

fn judgement_row(read: &Read<Submission>) -> [Value; 7] {
    [
        read.value.submission_id.to_string().into(),
        read.value.generation.into(),
        read.value.package_digest.as_deref().into(),
        read.at.topic.as_str().into(),
        read.at.partition.into(),
        read.at.offset.into(),
        read.appended_at_ms.into(),
    ]
}

async fn insert_sources(
    transaction: &mut Transaction,
    by_digest: &BTreeMap<String, &Read<Submission>>,
) -> Result<(), Error> {
    let rows = by_digest.iter().map(|(digest, read)| {
        let size: usize = read.value.files.iter().map(|file| file.content.len()).sum();
        [
            digest.as_str().into(),
            (size as i64).into(),
            read.appended_at_ms.into(),
        ]
    });
    let new = transaction
        .insert(
            "INSERT INTO sources (digest, size_bytes, first_seen_at_ms)",
            rows.collect::<Vec<[Value; 3]>>(),
            "ON CONFLICT DO NOTHING RETURNING digest",
        )
        .await?;
    let mut files: Vec<[Value; 4]> = Vec::new();
    for row in new {
        let digest: String = row.get("digest")?;
        let Some(read) = by_digest.get(&digest) else {
            continue;
        };
        files.extend(
            read.value
                .files
                .iter()
                .zip(0_i64..)
                .map(|(file, position)| {
                    [
                        digest.as_str().into(),
                        position.into(),
                        file.name.as_str().into(),
                        file.content.clone().into(),
                    ]
                }),
        );
    }
    let insert = "INSERT INTO source_files (digest, position, name, content)";
    transaction.insert(insert, files, "").await?;
    Ok(())
}
