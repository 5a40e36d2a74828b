//! Judging again on real servers: mended test data, a sink that is killed meanwhile, and submissions that were lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::jury::{jury_submissions, record, submission};
use e2e::results::{count, rows};
use e2e::{binaries, process};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::topic_partition_list::Offset;
use schemas::{Submission, Verdict, VerdictCode, codec, topics};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(120);
const PROBLEM: &str = "oddsocks";
const COUNT: usize = 12;

/// Seconds between two looks of the reconciler are few, so that the test need not wait.
const SINK: [&str; 2] = ["--reconcile-seconds", "1"];

/// An accepted program, each time with other bytes.
fn accepted(number: usize) -> anyhow::Result<Submission> {
    let jury = jury_submissions(PROBLEM, "c")?;
    let program = jury
        .iter()
        .find(|one| one.expected == VerdictCode::Ac)
        .context("an accepted program")?;
    let source = fs::read_to_string(&program.path)?;
    let source = format!("{source}\n// {number}\n");
    Ok(submission(PROBLEM, "c", "solution.c", source))
}

async fn send(cluster: &Cluster, submissions: &[Submission]) -> anyhow::Result<()> {
    let producer = cluster.producer()?;
    for submission in submissions {
        producer.send(record(submission)?).await?;
    }
    Ok(())
}

/// The problem with an answer that is wrong.
fn with_a_wrong_answer(folder: &Path) -> anyhow::Result<PathBuf> {
    let problems = folder.join("problems-before");
    let copied = problems.join(PROBLEM);
    copy(&binaries::problems().join(PROBLEM), &copied)?;
    let secret = fs::read_dir(copied.join("data/secret"))?;
    let mut answers = Vec::new();
    for file in secret {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "ans") {
            answers.push(path);
        }
    }
    answers.sort();
    fs::write(answers.first().context("a secret case")?, "-1\n")?;
    Ok(problems)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn rejudge(cluster: &Cluster, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = process::command("tribunal")?;
    command.args(["rejudge", "--database-url", &cluster.database_url]);
    command.args(["--json"]).args(arguments);
    command.output().context("failed to run tribunal")
}

fn lines(output: &Output, kind: &str) -> anyhow::Result<Vec<Value>> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().map(serde_json::from_str::<Value>);
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    Ok(lines
        .into_iter()
        .filter(|line| line["kind"] == kind)
        .collect())
}

fn succeeded(output: Output) -> anyhow::Result<Output> {
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {complaint}", output.status);
    Ok(output)
}

/// The compacted topic's verdicts by generation; a key that changed its word is an error.
async fn shown(cluster: &Cluster) -> anyhow::Result<BTreeMap<i32, Vec<VerdictCode>>> {
    let mut table = BTreeMap::new();
    for record in cluster.records(topics::VERDICTS_LATEST).await? {
        let verdict: Verdict = codec::decode(&record.payload)?;
        let before = table.insert(record.key, verdict.clone());
        ensure!(
            before.is_none_or(|before| before == verdict),
            "a key changed"
        );
    }
    let mut shown: BTreeMap<i32, Vec<VerdictCode>> = BTreeMap::new();
    for verdict in table.into_values() {
        shown
            .entry(verdict.generation)
            .or_default()
            .push(verdict.verdict);
    }
    Ok(shown)
}

async fn until_shown(
    cluster: &Cluster,
    expected: &[(i32, VerdictCode, usize)],
) -> anyhow::Result<()> {
    let expected = expected.iter();
    let expected: BTreeMap<_, _> = expected
        .map(|(generation, code, count)| (*generation, vec![*code; *count]))
        .collect();
    eventually(
        LIMIT,
        &format!("verdicts.latest shows {expected:?}"),
        async || Ok((shown(cluster).await? == expected).then_some(())),
    )
    .await
}

/// Says for evaluators that are gone that all of the lane is done.
fn commit_to_the_end(cluster: &Cluster) -> anyhow::Result<()> {
    let group = topics::evaluator_group(topics::SUBMISSIONS);
    let config = cluster.client.consumer(&[("group.id", &group)]);
    let consumer: BaseConsumer = config.create()?;
    let metadata = consumer.fetch_metadata(Some(topics::SUBMISSIONS), LIMIT)?;
    let mut ends = TopicPartitionList::new();
    for partition in metadata.topics()[0].partitions() {
        let (_, end) = consumer.fetch_watermarks(topics::SUBMISSIONS, partition.id(), LIMIT)?;
        ends.add_partition_offset(topics::SUBMISSIONS, partition.id(), Offset::Offset(end))?;
    }
    Ok(consumer.commit(&ends, CommitMode::Sync)?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mended_test_data_is_rejudged_in_the_shadow_and_what_was_lost_is_judged_after_all()
-> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let mut sink = cluster.sink_with(&SINK).await?;
    let before = with_a_wrong_answer(cluster.folder())?;
    let before = before.to_str().context("a path in UTF-8")?;
    let options = ["--slots", "2", "--languages", "c"];
    let wrong = [&options[..], &["--problems", before]].concat();
    let mut evaluator = cluster.evaluator(1, &wrong).await?;
    let submissions = (0..COUNT)
        .map(accepted)
        .collect::<anyhow::Result<Vec<_>>>()?;
    send(&cluster, &submissions).await?;
    until_shown(&cluster, &[(0, VerdictCode::Wa, COUNT)]).await?;
    evaluator.process.stop(LIMIT).await?;

    // Decided while no sink runs, and by a command that is not there any more when one does.
    sink.process.kill()?;
    let arguments = ["--problem", PROBLEM, "--shadow", "--no-wait"];
    let begun = succeeded(rejudge(&cluster, &arguments)?)?;
    let begun = lines(&begun, "begun")?;
    let id = begun[0]["rejudging"].as_str().context("its name")?;
    let known = succeeded(rejudge(&cluster, &arguments)?)?;
    assert_eq!(lines(&known, "known")?[0]["rejudging"], id);
    let mut sink = cluster.sink_with(&SINK).await?;
    let mut evaluator = cluster.evaluator(2, &options).await?;
    eventually(LIMIT, "some are judged again", async || {
        let query = "SELECT COUNT(*) FROM verdicts WHERE generation = 1";
        Ok((count(&cluster.database_url, query).await? > 0).then_some(()))
    })
    .await?;
    sink.process.kill()?;
    let _sink = cluster.sink_with(&SINK).await?;

    // The same command again watches it to its end.
    let report = succeeded(rejudge(&cluster, &["--problem", PROBLEM, "--shadow"])?)?;
    assert_eq!(lines(&report, "change")?.len(), COUNT);
    let summary = &lines(&report, "summary")?[0];
    assert_eq!(
        (&summary["state"], &summary["changed"]),
        (&"shadow".into(), &COUNT.into())
    );
    until_shown(&cluster, &[(0, VerdictCode::Wa, COUNT)]).await?;
    succeeded(rejudge(&cluster, &["--apply", id])?)?;
    let applied = [(0, VerdictCode::Wa, COUNT), (1, VerdictCode::Ac, COUNT)];
    until_shown(&cluster, &applied).await?;
    assert_eq!(rows(&cluster.database_url).await?.len(), 2 * COUNT);

    // Nobody judges these, and the log says that they are done.
    evaluator.process.stop(LIMIT).await?;
    let lost = (COUNT..COUNT + 3)
        .map(accepted)
        .collect::<anyhow::Result<Vec<_>>>()?;
    send(&cluster, &lost).await?;
    commit_to_the_end(&cluster)?;
    let _evaluator = cluster.evaluator(3, &options).await?;
    eventually(LIMIT, "they are judged after all", async || {
        let rows = rows(&cluster.database_url).await?;
        let judged = lost.iter().all(|one| {
            let verdict = rows.get(&(one.submission_id, 0));
            verdict.is_some_and(|verdict| verdict == "AC")
        });
        Ok(judged.then_some(()))
    })
    .await?;
    let mut check = process::command("results-sink")?;
    check.args(["check", "--json", "--database-url", &cluster.database_url]);
    succeeded(check.output()?)?;
    Ok(())
}
