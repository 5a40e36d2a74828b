//! Members that come and go while there is work on every partition.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;

use super::{EACH, EVALUATORS, PARTITIONS, TASK};
use crate::pipeline::{Fleet, Judged, Load, Verdicts, evenly, tell};

/// Seconds of work that wait while a member joins, and while one is missed.
const JOINING: usize = 12;
const MISSING: usize = 30;

/// Adds an evaluator; the milliseconds from when it joins the groups, which it does as soon as its languages work, to the start of
/// its first judgement.
pub(super) async fn new_member(
    fleet: &mut Fleet<'_>,
    load: &Load,
    verdicts: &mut Verdicts,
) -> anyhow::Result<f64> {
    let count = EVALUATORS * EACH * JOINING;
    load.send_all(evenly(count, PARTITIONS)).await?;
    let member = fleet.add()?;
    member
        .wait_until("it joins", |answer| {
            answer.contains("no partition was assigned yet") && !answer.contains("canaries")
                || answer.starts_with("HTTP/1.1 200")
        })
        .await?;
    let joined_ms = now_ms();
    let host = member.host.clone();
    let (judged, repeated) = verdicts.take_first(count).await?;
    tell(&format!("{host} joined, repeated: {repeated:?}"));
    let first = judged.iter().find(|judged| judged.host == host);
    let first = first.context("the new member had nothing to do")?;
    Ok((started_ms(first) - joined_ms) as f64)
}

/// Kills one; the milliseconds until somebody has started on the last of its partitions.
pub(super) async fn killed(
    fleet: &mut Fleet<'_>,
    load: &Load,
    verdicts: &mut Verdicts,
) -> anyhow::Result<f64> {
    let count = EVALUATORS * EACH * MISSING;
    load.send_all(evenly(count, PARTITIONS)).await?;
    // Everybody has judged something of each of its partitions by then.
    let (before, _) = verdicts.take_first(count / 10).await?;
    let mut victim = fleet.take().context("nobody is left to be killed")?;
    let killed_ms = now_ms();
    victim.kill()?;
    let (after, repeated) = verdicts.take_first(count - before.len()).await?;
    tell(&format!(
        "{} was killed, repeated: {}",
        victim.host,
        repeated.len()
    ));
    let all = [before, after].concat();
    Ok(idle_ms(&all, &victim.host, killed_ms) as f64)
}

/// Of the partitions that the victim had, the longest time until another has started on it.
fn idle_ms(judged: &[Judged], victim: &str, killed_ms: i64) -> i64 {
    let by_victim = judged.iter().filter(|judged| judged.host == victim);
    let lost: BTreeSet<i32> = by_victim.map(|judged| judged.partition).collect();
    let mut first = BTreeMap::new();
    for judged in judged {
        let late = started_ms(judged) >= killed_ms && judged.host != victim;
        if late && lost.contains(&judged.partition) {
            let started = first.entry(judged.partition).or_insert(i64::MAX);
            *started = started_ms(judged).min(*started);
        }
    }
    let last = first.values().max();
    last.map_or(0, |last| last - killed_ms)
}

fn started_ms(judged: &Judged) -> i64 {
    judged.judged_ms - TASK.as_millis() as i64
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_idle_until_another_starts_on_it_and_the_last_one_counts() {
        let judged = |host: &str, partition, started_ms: i64| Judged {
            submission_id: uuid::Uuid::nil(),
            problem: String::new(),
            partition,
            host: host.to_owned(),
            accepted_ms: 0,
            judged_ms: started_ms + TASK.as_millis() as i64,
        };
        let all = [
            judged("victim", 1, 100),
            judged("victim", 2, 100),
            judged("other", 3, 100),
            judged("other", 3, 11_500),
            judged("other", 1, 11_200),
            judged("other", 1, 11_700),
            judged("other", 2, 11_300),
        ];
        assert_eq!(idle_ms(&all, "victim", 1_000), 10_300);
    }
}
