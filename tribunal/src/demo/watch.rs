//! Follows the topics until every submission has its verdict.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use anyhow::Context;
use kafka::{Tail, Tailed};
use schemas::{Progress, Verdict, codec, topics};
use uuid::Uuid;

use super::{Display, JuryEntry};

/// Waits for the first verdict of each of these submissions, showing progress meanwhile.
pub(crate) async fn watch(
    tail: &mut Tail,
    waiting: &HashMap<Uuid, JuryEntry>,
) -> anyhow::Result<HashMap<Uuid, Verdict>> {
    let mut display = Display::new(waiting.len());
    let mut verdicts = HashMap::new();
    while verdicts.len() < waiting.len() {
        let next = tail.next().await;
        let Tailed::Record(record) = next.context("failed to follow the verdicts")? else {
            continue;
        };
        if record.topic == topics::PROGRESS {
            let progress: Progress = codec::decode(&record.payload)?;
            let id = progress.submission_id;
            if waiting.contains_key(&id) && !verdicts.contains_key(&id) {
                display.progress(&label(waiting, progress.submission_id), &progress);
            }
        } else {
            let verdict: Verdict = codec::decode(&record.payload)?;
            let Some(entry) = waiting.get(&verdict.submission_id) else {
                continue;
            };
            if let Entry::Vacant(first) = verdicts.entry(verdict.submission_id) {
                let agrees = entry.agrees(verdict.verdict.as_str());
                display.verdict(&label(waiting, verdict.submission_id), &verdict, agrees);
                first.insert(verdict);
            }
        }
    }
    display.finish();
    Ok(verdicts)
}

fn label(waiting: &HashMap<Uuid, JuryEntry>, submission_id: Uuid) -> String {
    waiting.get(&submission_id).map_or(String::new(), |entry| {
        format!("{} {}", entry.problem_id, entry.path)
    })
}
