//! Verdicts into the database: the first one of (submission, generation) wins.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemas::{Verdict, VerdictCode, topics};
use store::{ApplyError, Database, Error, Row, Transaction, Value};

use crate::outbox::{self, Entry};
use crate::placeholders;
use crate::reading::{Coordinates, Read};
use crate::rejudge::{Standing, standings};

/// What came of a batch of verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// Rows inserted, by verdict.
    pub(crate) new: BTreeMap<VerdictCode, u64>,
    /// Later verdicts of a key that was recorded already, and say the same.
    pub(crate) repeated: u64,
    /// Divergences found, all that the database knows of; none if nothing was added.
    pub(crate) divergences: Option<i64>,
}

/// Inserts verdicts in log order, moves the counters of those inserted and enters them in the outbox, and
/// compares the others with what is recorded.
pub(crate) async fn record(
    transaction: &mut Transaction,
    read: &[Read<Verdict>],
    now_ms: i64,
) -> Result<Recorded, ApplyError> {
    if read.is_empty() {
        return Ok(Recorded::default());
    }
    let rows = read
        .iter()
        .map(|one| row(one, now_ms))
        .collect::<Result<_, _>>()?;
    let inserted = transaction.insert(INSERT_VERDICT, rows, NEW_ONLY).await?;
    let inserted: HashSet<Coordinates> = inserted
        .iter()
        .map(Coordinates::of_row)
        .collect::<Result<_, _>>()?;
    let (new, later): (Vec<_>, Vec<_>) = read.iter().partition(|one| inserted.contains(&one.at));
    derive(transaction, &new, now_ms).await?;
    let mut recorded = compare(transaction, &later, now_ms).await?;
    for one in new {
        *recorded.new.entry(one.value.verdict).or_default() += 1;
    }
    Ok(recorded)
}

const INSERT_VERDICT: &str = "\
    INSERT INTO verdicts (submission_id, generation, tenant, contest_id, user_id, problem_id, \
    language, verdict, score, judged_at_ms, public, jury, topic, partition, record_offset, \
    recorded_at_ms)";

const NEW_ONLY: &str = "\
    ON CONFLICT (submission_id, generation) DO NOTHING RETURNING topic, partition, record_offset";

fn row(read: &Read<Verdict>, now_ms: i64) -> Result<[Value; 16], ApplyError> {
    let verdict = &read.value;
    let unprintable =
        |error: serde_json::Error| ApplyError::Halt(format!("failed to write JSON: {error}"));
    Ok([
        verdict.submission_id.to_string().into(),
        verdict.generation.into(),
        verdict.tenant.as_str().into(),
        verdict.contest_id.as_deref().into(),
        verdict.user_id.as_str().into(),
        verdict.problem_id.as_str().into(),
        verdict.language.as_str().into(),
        verdict.verdict.as_str().into(),
        verdict.score.into(),
        verdict.judged_at_ms.into(),
        serde_json::to_string(&verdict.public)
            .map_err(unprintable)?
            .into(),
        serde_json::to_string(&verdict.jury)
            .map_err(unprintable)?
            .into(),
        read.at.topic.as_str().into(),
        read.at.partition.into(),
        read.at.offset.into(),
        now_ms.into(),
    ])
}

/// What follows from the verdicts that were inserted. Those of a rejudging that is not applied count for
/// nothing yet, and those of one that was discarded never will.
async fn derive(
    transaction: &mut Transaction,
    new: &[&Read<Verdict>],
    now_ms: i64,
) -> Result<(), Error> {
    let keys = new
        .iter()
        .map(|one| (one.value.submission_id.to_string(), one.value.generation));
    let keys: Vec<_> = keys.collect();
    let standings = standings(transaction, &keys).await?;
    let mut counted = Vec::with_capacity(new.len());
    let mut entries = Vec::with_capacity(new.len());
    for (one, key) in new.iter().zip(keys) {
        let held_by = match standings.get(&key) {
            None => {
                counted.push(*one);
                None
            }
            Some(Standing::Shadow(rejudging_id)) => Some(rejudging_id.clone()),
            Some(Standing::Discarded) => continue,
        };
        entries.push(Entry {
            topic: topics::VERDICTS_LATEST,
            submission_id: key.0,
            generation: key.1.into(),
            held_by,
        });
    }
    count(transaction, &counted).await?;
    outbox::enter(transaction, entries, now_ms).await?;
    Ok(())
}

/// Counters of the verdicts that count, in key order: two sinks never wait in a circle.
async fn count(transaction: &mut Transaction, new: &[&Read<Verdict>]) -> Result<(), Error> {
    let mut counts: BTreeMap<(&str, &str, VerdictCode), i64> = BTreeMap::new();
    for Read { value, .. } in new {
        *counts
            .entry((&value.tenant, &value.problem_id, value.verdict))
            .or_default() += 1;
    }
    let rows = counts
        .into_iter()
        .map(|((tenant, problem, verdict), judgements)| {
            [
                tenant.into(),
                problem.into(),
                verdict.as_str().into(),
                judgements.into(),
            ]
        });
    transaction
        .insert(
            "INSERT INTO verdict_counts (tenant, problem_id, verdict, judgements)",
            rows.collect::<Vec<[Value; 4]>>(),
            "ON CONFLICT (tenant, problem_id, verdict) \
             DO UPDATE SET judgements = verdict_counts.judgements + excluded.judgements",
        )
        .await?;
    Ok(())
}

/// What the row of a key says, and which record it came from.
struct Winner {
    verdict: String,
    score: Option<f64>,
    at: Coordinates,
}

async fn compare(
    transaction: &mut Transaction,
    later: &[&Read<Verdict>],
    now_ms: i64,
) -> Result<Recorded, Error> {
    let mut recorded = Recorded::default();
    if later.is_empty() {
        return Ok(recorded);
    }
    let winners = winners(transaction, later).await?;
    let mut differing: Vec<[Value; 8]> = Vec::new();
    for Read { value, at, .. } in later {
        let Some(winner) = winners.get(&(value.submission_id.to_string(), value.generation)) else {
            continue;
        };
        // The very record that won, read once more.
        if winner.at == *at {
            continue;
        }
        if winner.verdict == value.verdict.as_str() && winner.score == value.score {
            recorded.repeated += 1;
            continue;
        }
        differing.push([
            at.topic.as_str().into(),
            at.partition.into(),
            at.offset.into(),
            value.submission_id.to_string().into(),
            value.generation.into(),
            winner.verdict.as_str().into(),
            value.verdict.as_str().into(),
            now_ms.into(),
        ]);
    }
    recorded.divergences = insert_divergences(transaction, differing).await?;
    Ok(recorded)
}

async fn winners(
    transaction: &mut Transaction,
    later: &[&Read<Verdict>],
) -> Result<HashMap<(String, i32), Winner>, Error> {
    let ids: Vec<Value> = later
        .iter()
        .map(|one| one.value.submission_id.to_string().into())
        .collect();
    let names = placeholders::list(1, ids.len());
    let sql = format!(
        "SELECT submission_id, generation, verdict, score, topic, partition, record_offset \
         FROM verdicts WHERE submission_id IN ({names})"
    );
    let rows = transaction.fetch(sql, ids).await?;
    let winner = |row: &Row| {
        let key = (
            row.get("submission_id")?,
            row.get::<i64>("generation")? as i32,
        );
        let (verdict, score) = (row.get("verdict")?, row.get("score")?);
        Ok((
            key,
            Winner {
                verdict,
                score,
                at: Coordinates::of_row(row)?,
            },
        ))
    };
    rows.iter().map(winner).collect()
}

async fn insert_divergences(
    transaction: &mut Transaction,
    differing: Vec<[Value; 8]>,
) -> Result<Option<i64>, Error> {
    if differing.is_empty() {
        return Ok(None);
    }
    transaction
        .insert(
            "INSERT INTO verdict_divergences (topic, partition, record_offset, submission_id, \
             generation, recorded_verdict, later_verdict, seen_at_ms)",
            differing,
            "ON CONFLICT DO NOTHING",
        )
        .await?;
    let rows = transaction.fetch(COUNT_DIVERGENCES, vec![]).await?;
    rows.first().map(|row| row.get("divergences")).transpose()
}

const COUNT_DIVERGENCES: &str = "SELECT COUNT(*) AS divergences FROM verdict_divergences";

/// How many later verdicts differ from the recorded ones.
pub(crate) async fn divergences(database: &Database) -> Result<i64, Error> {
    let rows = database.fetch(COUNT_DIVERGENCES, vec![]).await?;
    rows.first().map_or(Ok(0), |row| row.get("divergences"))
}
