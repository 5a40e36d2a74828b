//! Follows the topics until every submission has its verdict.

use std::collections::HashMap;

use anyhow::Context;
use kafka::{Tail, Tailed};
use schemas::{Progress, Verdict, codec, topics};
use uuid::Uuid;

use super::{Display, JuryEntry};

/// Waits for the first verdict of each of these submissions, showing progress meanwhile.
pub(crate) async fn watch(
    tail: &mut Tail,
    waiting: &HashMap<Uuid, JuryEntry>,
) -> anyhow::Result<()> {
    let mut display = Display::new(waiting.len());
    let mut missing: std::collections::HashSet<Uuid> = waiting.keys().copied().collect();
    while !missing.is_empty() {
        let next = tail.next().await;
        let Tailed::Record(record) = next.context("failed to follow the verdicts")? else {
            continue;
        };
        if record.topic == topics::PROGRESS {
            let progress: Progress = codec::decode(&record.payload)?;
            if missing.contains(&progress.submission_id) {
                display.progress(&label(waiting, progress.submission_id), &progress);
            }
        } else {
            let verdict: Verdict = codec::decode(&record.payload)?;
            if missing.remove(&verdict.submission_id) {
                let entry = &waiting[&verdict.submission_id];
                let agrees = entry.agrees(verdict.verdict.as_str());
                display.verdict(&label(waiting, verdict.submission_id), &verdict, agrees);
            }
        }
    }
    display.finish();
    Ok(())
}

fn label(waiting: &HashMap<Uuid, JuryEntry>, submission_id: Uuid) -> String {
    waiting.get(&submission_id).map_or(String::new(), |entry| {
        format!("{} {}", entry.problem_id, entry.path)
    })
}
