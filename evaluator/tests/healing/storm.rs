//! Dead letters in a storm: the circuit breaker.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use evaluator::config::{BreakerLimits, ProblemSource};
use kafka::{Start, Tail};
use schemas::topics;

use crate::support::endpoint::{free_address, get, ready_with};
use crate::support::{Cluster, Running, jury, problems};
use crate::told;

/// Far more than the limit, and than the consumer hands out ahead of the slots.
const STORM: usize = 30;

fn at_most_three(cool_down: Duration) -> BreakerLimits {
    BreakerLimits {
        dead_letters: 3,
        cool_down,
        ..BreakerLimits::default()
    }
}

async fn dead_letters(cluster: &Cluster) -> anyhow::Result<Vec<Vec<u8>>> {
    let topic = topics::SUBMISSIONS_DLQ;
    let mut tail = Tail::open(&cluster.client, &[topic], Start::Beginning).await?;
    let records = tail.read_to_present_end().await?;
    Ok(records.into_iter().map(|record| record.payload).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_poison_stops_the_intake_instead_of_draining_the_topic() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let address = free_address()?;
    for number in 0..STORM {
        let poison = format!("no frame {number}").into_bytes();
        let topic = topics::SUBMISSIONS;
        cluster
            .publish(topic, "lanterns", poison, Vec::new())
            .await?;
    }
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        config.breaker = at_most_three(Duration::from_secs(3_600));
    })?;
    let answer = ready_with(&address, "circuit breaker").await?;
    for told in ["503", "4 of 4 records", "tribunal dlq list"] {
        assert!(answer.contains(told), "{told}: {answer}");
    }
    let metrics = get(&address, "/metrics").await?;
    for line in ["breaker_state 1", "breaker_openings_total 1"] {
        let line = format!("tribunal_evaluator_{line}");
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
    running.stop().await?;
    assert_eq!(dead_letters(&cluster).await?.len(), 3);

    // An operator who means it lets them through. Nothing was lost.
    let through = Running::start(&cluster, |config| {
        config.breaker.dead_letters = 0;
        config.breaker.percent = 100;
    })?;
    for _ in 0..STORM {
        cluster.next_dead_letter().await?;
    }
    through.stop().await?;
    let mut letters = dead_letters(&cluster).await?;
    letters.sort_unstable();
    letters.dedup();
    assert_eq!(letters.len(), STORM);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_by_itself_when_a_trial_shows_that_the_cause_is_mended() -> anyhow::Result<()>
{
    let mut cluster = Cluster::start().await?;
    let store = tempfile::tempdir()?;
    let copy = |problem: &str| -> anyhow::Result<()> {
        // Whole, or not at all: a package that is half there would be broken.
        let beside = tempfile::tempdir_in(store.path().parent().context("no parent")?)?;
        let done = Command::new("cp")
            .arg("-r")
            .arg(problems().join(problem))
            .arg(beside.path())
            .status()?;
        anyhow::ensure!(done.success());
        let copied = beside.path().join(problem);
        Ok(fs::rename(copied, store.path().join(problem))?)
    };
    copy("lanterns")?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        config.problems = ProblemSource::Directory(store.path().to_owned());
        config.breaker = at_most_three(Duration::from_secs(2));
    })?;
    for _ in 0..STORM {
        let forgotten = jury("tidepool", "accepted/tour.py")?;
        cluster.submit(topics::SUBMISSIONS, &forgotten).await?;
    }
    ready_with(&address, "circuit breaker").await?;
    copy("tidepool")?;
    let verdicts = cluster.verdicts(STORM).await?;
    let judge_errors = verdicts
        .values()
        .filter(|verdict| told(verdict) == "Je unknown-problem");
    let judge_errors = judge_errors.count();
    assert!(
        (3..STORM).contains(&judge_errors),
        "{judge_errors} before it was mended"
    );
    let accepted = verdicts.values().filter(|verdict| told(verdict) == "Ac");
    assert_eq!(accepted.count(), STORM - judge_errors);
    assert_eq!(dead_letters(&cluster).await?.len(), judge_errors);
    ready_with(&address, "200 OK").await?;
    running.stop().await
}
