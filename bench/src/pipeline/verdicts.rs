//! Verdicts as they come out.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use kafka::{ClientConfig, Start, Tail};
use schemas::{Verdict, codec, topics};

/// Longest wait for the next verdict.
const PATIENCE: Duration = Duration::from_secs(120);

/// One verdict, by the broker's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) problem: String,
    /// The evaluator.
    pub(crate) host: String,
    /// When its submission was first appended, ms since 1970.
    pub(crate) accepted_ms: i64,
    /// When the verdict was.
    pub(crate) judged_ms: i64,
}

impl Judged {
    pub(crate) fn latency_ms(&self) -> i64 {
        self.judged_ms - self.accepted_ms
    }
}

/// Reads verdicts from where the topic ends when it is opened.
pub(crate) struct Verdicts {
    tail: Tail,
    overflow: Tail,
    seen: HashSet<uuid::Uuid>,
}

impl Verdicts {
    pub(crate) async fn open(client: &ClientConfig) -> anyhow::Result<Self> {
        let tail = Tail::open(client, &[topics::VERDICTS], Start::End).await?;
        let overflow = Tail::open(client, &[topics::SUBMISSIONS_OVERFLOW], Start::End).await?;
        let seen = HashSet::new();
        Ok(Self {
            tail,
            overflow,
            seen,
        })
    }

    /// How many submissions were handed over since this was asked last.
    pub(crate) async fn handed_over(&mut self) -> anyhow::Result<usize> {
        Ok(self.overflow.read_to_present_end().await?.len())
    }

    /// The next so many, sorted by time. Two of one submission are an error: nothing dies here.
    pub(crate) async fn take(&mut self, count: usize) -> anyhow::Result<Vec<Judged>> {
        let mut judged = Vec::with_capacity(count);
        while judged.len() < count {
            let next = tokio::time::timeout(PATIENCE, self.tail.next_record()).await;
            let record =
                next.with_context(|| format!("only {} of {count} verdicts", judged.len()))??;
            let verdict: Verdict = codec::decode(&record.payload)?;
            ensure!(
                self.seen.insert(verdict.submission_id),
                "two verdicts of {}",
                verdict.submission_id
            );
            let origin = verdict.jury.origin.context("a verdict without origin")?;
            judged.push(Judged {
                problem: verdict.problem_id,
                host: verdict.jury.host,
                accepted_ms: origin.append_time_ms,
                judged_ms: record.timestamp_ms.context("a record without a time")?,
            });
        }
        judged.sort_by_key(|judged| judged.judged_ms);
        Ok(judged)
    }
}
