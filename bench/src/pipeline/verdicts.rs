//! Verdicts as they come out.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, bail};
use kafka::{ClientConfig, Start, Tail};
use schemas::{Verdict, codec, topics};
use uuid::Uuid;

/// Longest wait for the next verdict.
const PATIENCE: Duration = Duration::from_secs(120);

/// One verdict, by the broker's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) submission_id: Uuid,
    pub(crate) problem: String,
    /// Where its submission was first appended.
    pub(crate) partition: i32,
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
    seen: HashSet<Uuid>,
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
        let (judged, repeated) = self.take_first(count).await?;
        match repeated.first() {
            None => Ok(judged),
            Some(again) => bail!("two verdicts of one submission: {again:?}"),
        }
    }

    /// The first verdicts of the next so many submissions, sorted by time, and what came of them beside: members that come and go
    /// may repeat work.
    pub(crate) async fn take_first(
        &mut self,
        count: usize,
    ) -> anyhow::Result<(Vec<Judged>, Vec<Judged>)> {
        let (mut judged, mut repeated) = (Vec::with_capacity(count), Vec::new());
        while judged.len() < count {
            let next = self.next().await;
            let next =
                next.with_context(|| format!("only {} of {count} verdicts", judged.len()))?;
            if self.seen.insert(next.submission_id) {
                judged.push(next);
            } else {
                repeated.push(next);
            }
        }
        judged.sort_by_key(|judged| judged.judged_ms);
        Ok((judged, repeated))
    }

    /// The next one, which may be a submission's second.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Judged> {
        let record = tokio::time::timeout(PATIENCE, self.tail.next_record()).await;
        let record = record.context("no verdict for two minutes")??;
        let verdict: Verdict = codec::decode(&record.payload)?;
        let origin = verdict.jury.origin.context("a verdict without origin")?;
        Ok(Judged {
            submission_id: verdict.submission_id,
            problem: verdict.problem_id,
            partition: origin.partition,
            host: verdict.jury.host,
            accepted_ms: origin.append_time_ms,
            judged_ms: record.timestamp_ms.context("a record without a time")?,
        })
    }
}

/// Verdicts per second while all slots have work: without the first and the last round. They are sorted by time.
pub(crate) fn full_rate(judged: &[Judged], slots: usize) -> f64 {
    let full = &judged[slots..judged.len() - slots];
    let (Some(first), Some(last)) = (full.first(), full.last()) else {
        return 0.0;
    };
    // Half a millisecond for none: times are whole ones.
    let took_ms = ((last.judged_ms - first.judged_ms) as f64).max(0.5);
    (full.len() - 1) as f64 * 1e3 / took_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_round_do_not_count_for_the_full_rate() {
        let at = |judged_ms| Judged {
            submission_id: Uuid::nil(),
            problem: String::new(),
            partition: 0,
            host: String::new(),
            accepted_ms: 0,
            judged_ms,
        };
        // Two slots, 10 ms each; the last round comes late.
        let judged = [0, 0, 10, 10, 20, 20, 30, 30, 90, 95].map(at);
        assert_eq!(full_rate(&judged, 2), 250.0);
    }
}
