//! Judgements that were asked for, wait nowhere, and have no verdict.

use std::collections::{BTreeMap, HashMap};

use kafka::TopicPartition;
use schemas::topics;
use store::{Database, Error, Value};

use crate::outbox::{self, Entry};
use crate::placeholders;
use crate::reading::Coordinates;
use crate::sink::now_ms;

/// Looked at in one query. Those of them that were republished and wait again bound what is republished.
const LOOK_AT: i64 = 500;

/// Goes along the lanes and remembers how far every judgement has its verdict.
#[derive(Debug, Default)]
pub(super) struct Search {
    judged_below: BTreeMap<TopicPartition, i64>,
}

/// One judgement.
type Judgement = (String, i64);

impl Search {
    /// Enters at most so many lost judgements in the outbox; answers how many. `below` says up to where the
    /// lanes are known to wait for nothing.
    pub(super) async fn republish(
        &mut self,
        database: &Database,
        below: &BTreeMap<TopicPartition, i64>,
        at_most: usize,
    ) -> Result<usize, Error> {
        let mut republished = 0;
        for (partition, &below_here) in below {
            if republished == at_most {
                break;
            }
            let unjudged = self.unjudged(database, partition, below_here).await?;
            let mut lost = without_waiting_copies(database, unjudged, below).await?;
            lost.truncate(at_most - republished);
            republished += enter(database, lost).await?;
        }
        Ok(republished)
    }

    async fn unjudged(
        &mut self,
        database: &Database,
        partition: &TopicPartition,
        below: i64,
    ) -> Result<Vec<Judgement>, Error> {
        let from = self.judged_below.get(partition).copied().unwrap_or(0);
        let sql = "SELECT j.submission_id, j.generation, j.record_offset FROM judgements j \
            WHERE j.topic = $1 AND j.partition = $2 AND j.record_offset >= $3 \
            AND j.record_offset < $4 AND NOT EXISTS (SELECT 1 FROM verdicts v \
            WHERE v.submission_id = j.submission_id AND v.generation = j.generation) \
            ORDER BY j.record_offset LIMIT $5";
        let values = vec![
            partition.topic.as_str().into(),
            partition.partition.into(),
            from.into(),
            below.into(),
            LOOK_AT.into(),
        ];
        let rows = database.fetch(sql, values).await?;
        let first = rows
            .first()
            .map_or(Ok(below), |row| row.get("record_offset"))?;
        self.judged_below.insert(partition.clone(), first);
        let judgements = rows
            .iter()
            .map(|row| Ok((row.get("submission_id")?, row.get("generation")?)));
        judgements.collect()
    }
}

/// Leaves out what is on a lane once more, at or beyond the frontier there.
async fn without_waiting_copies(
    database: &Database,
    judgements: Vec<Judgement>,
    below: &BTreeMap<TopicPartition, i64>,
) -> Result<Vec<Judgement>, Error> {
    if judgements.is_empty() {
        return Ok(judgements);
    }
    let ids: Vec<Value> = judgements
        .iter()
        .map(|(id, _)| id.as_str().into())
        .collect();
    let names = placeholders::list(1, ids.len());
    let sql = format!(
        "SELECT submission_id, generation, topic, partition, record_offset FROM judgement_copies \
         WHERE submission_id IN ({names})"
    );
    let mut waiting: HashMap<Judgement, bool> = HashMap::new();
    for row in &database.fetch(sql, ids).await? {
        let at = Coordinates::of_row(row)?;
        let frontier = below.get(&TopicPartition::new(at.topic, at.partition));
        let waits = frontier.is_none_or(|&frontier| at.offset >= frontier);
        let key = (row.get("submission_id")?, row.get("generation")?);
        *waiting.entry(key).or_default() |= waits;
    }
    let mut judgements = judgements;
    judgements.retain(|judgement| !waiting.get(judgement).is_some_and(|&waits| waits));
    Ok(judgements)
}

async fn enter(database: &Database, lost: Vec<Judgement>) -> Result<usize, Error> {
    if lost.is_empty() {
        return Ok(0);
    }
    for (submission_id, generation) in &lost {
        tracing::warn!(
            submission.id = submission_id,
            generation,
            "no verdict, and waiting nowhere: asked for again"
        );
    }
    let entries = lost.into_iter().map(|(submission_id, generation)| Entry {
        topic: topics::SUBMISSIONS_BULK,
        submission_id,
        generation,
        held_by: None,
    });
    let mut transaction = database.begin().await?;
    let entered = outbox::enter(&mut transaction, entries.collect(), now_ms()).await?;
    transaction.commit().await?;
    Ok(entered)
}
