//! Faults of ours that heal while a submission waits on a retry topic, faults that do not, and the repair afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::binaries;
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::jury::{record, submission};
use e2e::process;
use e2e::results::rows;
use kafka::NewRecord;
use schemas::headers::{self, Passed};
use schemas::{Submission, topics};
use serde_json::Value;
use uuid::Uuid;

const LIMIT: Duration = Duration::from_secs(120);

/// What must be recorded in the end.
type Rows = BTreeMap<(Uuid, i64), String>;

fn right() -> Submission {
    let source = include_str!("../../problems/lanterns/submissions/accepted/lantern.c");
    submission("lanterns", "c", "main.c", source)
}

async fn recorded(cluster: &Cluster, expected: &Rows) -> anyhow::Result<()> {
    eventually(LIMIT, "all have their rows", async || {
        let rows = rows(&cluster.database_url).await?;
        Ok((rows == *expected).then_some(()))
    })
    .await
}

fn dlq(cluster: &Cluster, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = process::command("tribunal")?;
    command.arg("dlq").args(arguments);
    command.args(["--bootstrap-servers", &cluster.client.bootstrap_servers]);
    command.output().context("failed to run tribunal")
}

fn lines(output: &Output) -> anyhow::Result<Vec<Value>> {
    let text = std::str::from_utf8(&output.stdout)?;
    let lines = text.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn a_fault_that_heals_gives_the_true_verdict_one_that_stays_a_judge_error_and_replay_repairs_it()
-> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    cluster.retry_delay = Duration::from_secs(3);
    let _sink = cluster.sink().await?;
    // Empty, where every problem should be: the evaluator takes it for a file system that is not mounted.
    let store = cluster.folder().join("problems");
    fs::create_dir(&store)?;
    let problems = store.to_string_lossy().into_owned();
    let options = [
        "--problems",
        &problems,
        "--patience-seconds",
        "0",
        "--slots",
        "2",
    ];
    let _evaluator = cluster.evaluator(1, &options).await?;
    let producer = cluster.producer()?;
    let mut expected = Rows::new();

    let stays = right();
    producer.send(record(&stays)?).await?;
    expected.insert((stays.submission_id, 0), "JE".to_owned());
    recorded(&cluster, &expected).await?;
    for topic in topics::SUBMISSIONS_RETRY {
        assert_eq!(cluster.records(topic).await?.len(), 1, "{topic}");
    }
    let letters = cluster.records(topics::SUBMISSIONS_DLQ).await?;
    let [letter] = &letters[..] else {
        anyhow::bail!("{} dead letters instead of one", letters.len());
    };
    assert_eq!(Passed::read(&letter.headers).retries, 3);
    let origin = headers::origin(&letter.headers).context("no origin")?;
    assert_eq!(origin.topic, topics::SUBMISSIONS);

    let heals = right();
    producer.send(record(&heals)?).await?;
    let first_retry = topics::SUBMISSIONS_RETRY[0];
    eventually(LIMIT, "it waits on the retry topic", async || {
        let waiting = cluster.records(first_retry).await?.len();
        Ok((waiting == 2).then_some(()))
    })
    .await?;
    mount(&cluster, &store)?;
    expected.insert((heals.submission_id, 0), "AC".to_owned());
    recorded(&cluster, &expected).await?;
    assert_eq!(cluster.records(topics::SUBMISSIONS_DLQ).await?.len(), 1);

    replay(&cluster, &stays)?;
    expected.insert((stays.submission_id, 1), "AC".to_owned());
    recorded(&cluster, &expected).await?;
    poison_is_told(&cluster).await?;
    assert_eq!(rows(&cluster.database_url).await?, expected);
    Ok(())
}

/// Puts the problem where it belongs, whole or not at all.
fn mount(cluster: &Cluster, store: &std::path::Path) -> anyhow::Result<()> {
    let beside = cluster.folder().join("lanterns");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(binaries::problems().join("lanterns"))
        .arg(&beside)
        .status()?;
    ensure!(copied.success());
    Ok(fs::rename(beside, store.join("lanterns"))?)
}

/// Finds the dead letter, tries dry, and replays twice: the second time must change nothing.
fn replay(cluster: &Cluster, dead: &Submission) -> anyhow::Result<()> {
    let id = dead.submission_id.to_string();
    let listed = lines(&dlq(
        cluster,
        &["list", "--json", "--cause", "package-unavailable"],
    )?)?;
    let [letter] = &listed[..] else {
        anyhow::bail!("{listed:?} instead of one letter");
    };
    assert_eq!(letter["submission_id"], id);
    assert_eq!(letter["original_topic"], topics::SUBMISSIONS);
    let place = letter["letter"].as_str().context("no place")?;
    let shown = dlq(cluster, &["show", place])?;
    let shown = String::from_utf8(shown.stdout)?;
    for told in ["kafka_dlt-original-offset", "is it mounted?", "main.c"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    let asked = ["replay", "--json", "--submission", &id];
    let dry = dlq(cluster, &[&asked[..], &["--dry-run"]].concat())?;
    assert_eq!(lines(&dry)?[0]["replayed"], false);
    for _ in 0..2 {
        let done = dlq(cluster, &asked)?;
        ensure!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let replayed = lines(&done)?;
        assert_eq!(replayed[0]["generation"], 1);
        assert_eq!(replayed[0]["replayed"], true);
    }
    Ok(())
}

async fn poison_is_told(cluster: &Cluster) -> anyhow::Result<()> {
    let poison = NewRecord::new(topics::SUBMISSIONS, "lanterns", b"no frame".to_vec());
    cluster.producer()?.send(poison).await?;
    eventually(LIMIT, "the poison is a dead letter", async || {
        let letters = cluster.records(topics::SUBMISSIONS_DLQ).await?.len();
        Ok((letters == 2).then_some(()))
    })
    .await?;
    let refused = dlq(cluster, &["replay", "--cause", "malformed-record"])?;
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr)?;
    ensure!(
        told.contains("cannot be replayed") && told.contains("0 replayed"),
        "{told}"
    );
    let unasked = dlq(cluster, &["replay"])?;
    assert_eq!(unasked.status.code(), Some(2), "not everything by accident");
    Ok(())
}
