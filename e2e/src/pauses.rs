//! Submissions that take so long and are accepted: an evaluator built for tests knows their marker.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::cluster::Cluster;
use crate::jury::{record, submission};

/// Three problems whose ids lie in different partitions.
const PROBLEMS: [&str; 3] = ["lanterns", "oddsocks", "tidepool"];

/// Sends so many, each of which takes so long, and returns when all are accepted.
pub async fn send(
    cluster: &Cluster,
    count: usize,
    milliseconds: u32,
) -> anyhow::Result<BTreeSet<Uuid>> {
    let producer = cluster.producer()?;
    let mut sent = BTreeSet::new();
    let mut deliveries = Vec::new();
    for number in 0..count {
        let problem = PROBLEMS[number % PROBLEMS.len()];
        let source = format!("// {number}, tribunal-hook: sleep {milliseconds}\n");
        let submission = submission(problem, "c", "main.c", source);
        sent.insert(submission.submission_id);
        deliveries.push(producer.send(record(&submission)?));
    }
    for delivery in deliveries {
        delivery.await?;
    }
    Ok(sent)
}
