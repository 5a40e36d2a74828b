//! Faults of ours that time or another host heals: a whole evaluator, with quick retry topics.

mod support;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use evaluator::Config;
use evaluator::config::{ProblemSource, RetryTopic};
use kafka::{Record, Start, Tail};
use schemas::headers::{self, Passed};
use schemas::{VerdictCode, topics};
use support::endpoint::{free_address, get, ready_with};
use support::{Cluster, PATIENCE, Running, jury, problems, submission};
use tempfile::TempDir;

const DELAY: Duration = Duration::from_millis(300);

/// Moves what waits on at once, and takes it again soon.
fn quick(config: &mut Config) {
    config.patience = Duration::ZERO;
    let declared = RetryTopic::declared("evaluators.retry").into_iter();
    config.retries = declared.map(|retry| retry.with_delay(DELAY)).collect();
}

/// A problem directory that is empty, which means away.
fn empty_store() -> anyhow::Result<TempDir> {
    Ok(tempfile::tempdir()?)
}

fn fill(store: &Path) -> anyhow::Result<()> {
    let target = store.join("lanterns");
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .arg(problems().join("lanterns"))
        .arg(&target)
        .status()?;
    anyhow::ensure!(copied.success());
    anyhow::ensure!(fs::exists(target)?);
    Ok(())
}

/// The first record of a topic, when it comes.
async fn first_on(cluster: &Cluster, topic: &str) -> anyhow::Result<Record> {
    let mut tail = Tail::open(&cluster.client, &[topic], Start::Beginning).await?;
    let first = tokio::time::timeout(PATIENCE, tail.next_record()).await;
    Ok(first.with_context(|| format!("nothing came on {topic}"))??)
}

/// All that a topic has now.
async fn all_on(cluster: &Cluster, topic: &str) -> anyhow::Result<Vec<Record>> {
    let mut tail = Tail::open(&cluster.client, &[topic], Start::Beginning).await?;
    Ok(tail.read_to_present_end().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_heals_while_a_record_waits_on_a_retry_topic_gives_its_true_verdict_once()
-> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let store = empty_store()?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        quick(config);
        config.http = Some(address.clone());
        config.problems = ProblemSource::Directory(store.path().to_owned());
    })?;
    let waiting = jury("lanterns", "accepted/lantern.py")?;
    cluster.submit(topics::SUBMISSIONS, &waiting).await?;

    let retry = first_on(&cluster, topics::SUBMISSIONS_RETRY[0]).await?;
    assert_eq!(retry.payload, schemas::codec::encode(&waiting)?);
    assert_eq!(retry.key.as_deref(), Some(&b"lanterns"[..]));
    let passed = Passed {
        attempts: 1,
        retries: 1,
    };
    assert_eq!(Passed::read(&retry.headers), passed);
    let class = retry.text_header(headers::ERROR_CLASS);
    assert_eq!(class, Some("package-unavailable"));
    fill(store.path())?;

    let verdicts = cluster.verdicts(1).await?;
    let verdict = &verdicts[&waiting.submission_id];
    assert_eq!(verdict.verdict, VerdictCode::Ac, "{verdict:?}");
    assert!(verdict.jury.attempt > 1, "the vain attempts count");
    let origin = verdict.jury.origin.as_ref().context("no origin")?;
    assert_eq!(origin.topic, topics::SUBMISSIONS);
    ready_with(&address, "200 OK").await?;
    let metrics = get(&address, "/metrics").await?;
    let counted = "tribunal_evaluator_handed_on_total{topic=\"submissions.retry.10s\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    running.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_heals_passes_every_retry_topic_once_and_is_one_dead_letter_and_one_judge_error()
-> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let running = Running::start(&cluster, quick)?;
    // A language that judges know and nobody here serves: another host might.
    let mut unserved = submission("lanterns", "Main.java", "class Main {}");
    unserved.language = "java".to_owned();
    cluster.submit(topics::SUBMISSIONS_BULK, &unserved).await?;

    let (_, verdict) = cluster.next_verdict().await?;
    let reason = verdict.public.reason.as_ref();
    let reason = reason.map(|reason| reason.code.as_str());
    assert_eq!(
        (verdict.verdict, reason),
        (VerdictCode::Je, Some("language-unavailable"))
    );
    assert_eq!(verdict.jury.attempt, 4, "one for each topic that it passed");
    let letter = cluster.next_dead_letter().await?;
    let passed = Passed {
        attempts: 4,
        retries: 3,
    };
    assert_eq!(Passed::read(&letter.headers), passed);
    let header = |name| letter.text_header(name).unwrap_or_default();
    assert_eq!(header(headers::ORIGINAL_TOPIC), topics::SUBMISSIONS_BULK);
    assert_eq!(
        header(headers::PREVIOUS_TOPIC),
        topics::SUBMISSIONS_RETRY[2]
    );
    assert_eq!(
        header(headers::dead_letter::ORIGINAL_TOPIC),
        topics::SUBMISSIONS_BULK
    );
    for topic in topics::SUBMISSIONS_RETRY {
        let appended = all_on(&cluster, topic).await?;
        let payloads: Vec<_> = appended.iter().map(|record| &record.payload).collect();
        assert_eq!(payloads, [&letter.payload], "{topic}");
    }
    running.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    assert_eq!(all_on(&cluster, topics::SUBMISSIONS_DLQ).await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_claims_of_earlier_retries_does_not_shorten_its_way() -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let running = Running::start(&cluster, quick)?;
    let mut unserved = submission("lanterns", "Main.java", "class Main {}");
    unserved.language = "java".to_owned();
    let claim = vec![headers::text(headers::RETRIES, 3)];
    let payload = schemas::codec::encode(&unserved)?;
    cluster
        .publish(topics::SUBMISSIONS, "lanterns", payload, claim)
        .await?;
    let retry = first_on(&cluster, topics::SUBMISSIONS_RETRY[0]).await?;
    assert_eq!(Passed::read(&retry.headers).retries, 1);
    running.stop().await
}
