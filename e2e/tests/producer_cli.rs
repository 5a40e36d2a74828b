//! The producer's command line: what it promises, and what it says when it cannot keep it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::binaries::problems;
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::finished::Finished;
use e2e::process::{self, Process};
use schemas::{Submission, codec, topics};
use serde_json::json;
use uuid::Uuid;

/// Nobody listens there.
const NOWHERE: &str = "127.0.0.1:1";

fn producer(bootstrap_servers: &str, arguments: &[&str]) -> anyhow::Result<Command> {
    let mut command = process::command("producer")?;
    command
        .args(arguments)
        .args(["--bootstrap-servers", bootstrap_servers]);
    Ok(command)
}

fn jury_path(path: &str) -> String {
    problems().join(path).display().to_string()
}

#[tokio::test]
async fn submit_waits_with_progress_and_tells_the_verdict_by_its_exit_status() -> anyhow::Result<()>
{
    let cluster = Cluster::start().await?;
    let _evaluator = cluster
        .evaluator(1, &["--slots", "1", "--languages", "c"])
        .await?;
    let cases = [
        (
            "lanterns",
            "lanterns/submissions/accepted/lantern.c",
            "AC",
            0,
        ),
        (
            "lanterns",
            "lanterns/submissions/wrong_answer/capitals.c",
            "WA",
            1,
        ),
        (
            "oddsocks",
            "oddsocks/submissions/accepted/two_files",
            "AC",
            0,
        ),
        (
            "nosuchproblem",
            "lanterns/submissions/accepted/lantern.c",
            "JE",
            4,
        ),
    ];
    for (problem, path, verdict, status) in cases {
        let path = jury_path(path);
        let arguments = [
            "submit",
            "--problem",
            problem,
            "--wait",
            "--json",
            "--timeout",
            "60",
            &path,
        ];
        let done = Finished::run(&mut producer(
            &cluster.client.bootstrap_servers,
            &arguments,
        )?)?;
        assert_eq!(
            done.status,
            Some(status),
            "{path}: {}\n{}",
            done.output,
            done.errors
        );
        let events = done.json()?;
        let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
        assert_eq!(
            (named("accepted"), named("verdict")),
            (1, 1),
            "{}",
            done.output
        );
        ensure!(
            verdict == "JE" || named("progress") > 0,
            "no progress in {}",
            done.output
        );
        let last = events.last().context("no events")?;
        assert_eq!(last["verdict"], verdict);
        ensure!(last.get("jury").is_none(), "the jury's part was shown");
    }
    Ok(())
}

#[tokio::test]
async fn the_same_idempotency_key_is_the_same_submission() -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let path = jury_path("lanterns/submissions/accepted/lantern.c");
    let mut ids = BTreeSet::new();
    for key in ["once", "once", "again"] {
        let arguments = [
            "submit",
            "--problem",
            "lanterns",
            "--json",
            "--idempotency-key",
            key,
            &path,
        ];
        let done = Finished::run(&mut producer(
            &cluster.client.bootstrap_servers,
            &arguments,
        )?)?;
        assert_eq!(done.status, Some(0), "{}", done.errors);
        ids.insert(done.json()?[0]["submission_id"].to_string());
    }
    assert_eq!(ids.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_bulk_run_that_is_killed_goes_on_where_it_was() -> anyhow::Result<()> {
    const LINES: usize = 1500;
    let cluster = Cluster::start().await?;
    let file = cluster.folder().join("submissions.jsonl");
    let lines = (0..LINES).map(|number| {
        let files = json!([{ "name": "main.py", "content": format!("print({number})\n") }]);
        json!({ "problem": "lanterns", "files": files, "idempotency_key": number.to_string() })
            .to_string()
            + "\n"
    });
    fs::write(&file, lines.collect::<String>())?;
    let path = file.to_str().context("the path is not UTF-8")?;

    // One at a time, so that there is a middle to be killed in.
    let slow = producer(
        &cluster.client.bootstrap_servers,
        &["bulk", "--in-flight", "1", path],
    )?;
    let mut run = Process::start("bulk", slow, cluster.folder())?;
    let journal = format!("{path}.accepted");
    eventually(Duration::from_secs(60), "a part is accepted", async || {
        let noted = fs::read_to_string(&journal).unwrap_or_default();
        ensure!(
            run.ended()?.is_none(),
            "it ended too early: {}",
            run.last_words()
        );
        Ok((noted.lines().count() >= 50).then_some(()))
    })
    .await?;
    run.kill()?;

    let arguments = ["bulk", "--json", path];
    let done = Finished::run(&mut producer(
        &cluster.client.bootstrap_servers,
        &arguments,
    )?)?;
    assert_eq!(done.status, Some(0), "{}", done.errors);
    let summary = done.json()?.pop().context("no summary")?;
    let number = |field: &str| summary[field].as_u64().unwrap_or_default();
    assert_eq!(
        number("accepted") + number("already_accepted"),
        LINES as u64
    );
    ensure!(
        number("already_accepted") >= 50,
        "nothing was resumed: {summary}"
    );
    assert_eq!(
        ids_on(&cluster, topics::SUBMISSIONS_BULK).await?.len(),
        LINES
    );
    Ok(())
}

#[tokio::test]
async fn bulk_reads_standard_input_and_sends_nothing_of_a_bad_file() -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let good =
        json!({ "problem": "lanterns", "files": [{ "name": "a.py", "content": "print(1)" }] });
    let file = cluster.folder().join("bad.jsonl");
    fs::write(&file, format!("{good}\n{{\"problem\": \"lanterns\"}}\n"))?;
    let path = file.to_str().context("the path is not UTF-8")?;
    let done = Finished::run(&mut producer(
        &cluster.client.bootstrap_servers,
        &["bulk", path],
    )?)?;
    assert_eq!(done.status, Some(2), "{}", done.errors);
    ensure!(done.errors.contains("line 2"), "{}", done.errors);
    assert_eq!(ids_on(&cluster, topics::SUBMISSIONS_BULK).await?.len(), 0);

    let input = cluster.folder().join("good.jsonl");
    fs::write(&input, format!("{good}\n"))?;
    let mut from_input = producer(&cluster.client.bootstrap_servers, &["bulk", "-"])?;
    from_input.stdin(Stdio::from(fs::File::open(input)?));
    let done = Finished::run(&mut from_input)?;
    assert_eq!(done.status, Some(0), "{}", done.errors);
    assert_eq!(ids_on(&cluster, topics::SUBMISSIONS_BULK).await?.len(), 1);
    Ok(())
}

async fn ids_on(cluster: &Cluster, topic: &str) -> anyhow::Result<BTreeSet<Uuid>> {
    let records = cluster.records(topic).await?;
    let id = |record: kafka::Record| {
        anyhow::Ok(codec::decode::<Submission>(&record.payload)?.submission_id)
    };
    records.into_iter().map(id).collect()
}

#[test]
fn a_broker_that_is_away_is_said_so_and_nothing_counts_as_accepted() -> anyhow::Result<()> {
    let path = jury_path("lanterns/submissions/accepted/lantern.c");
    let arguments = [
        "submit",
        "--problem",
        "lanterns",
        "-X",
        "socket.timeout.ms=2000",
        "-X",
        "message.timeout.ms=3000",
        &path,
    ];
    let done = Finished::run(&mut producer(NOWHERE, &arguments)?)?;
    assert_eq!(done.status, Some(3), "{}", done.errors);
    ensure!(
        done.errors.contains("--bootstrap-servers"),
        "{}",
        done.errors
    );
    assert_eq!(done.output, "");
    Ok(())
}

#[tokio::test]
async fn a_missing_topic_is_named_with_what_makes_it() -> anyhow::Result<()> {
    let cluster = Cluster::without_topics().await?;
    let path = jury_path("lanterns/submissions/accepted/lantern.c");
    let arguments = ["submit", "--problem", "lanterns", &path];
    let done = Finished::run(&mut producer(
        &cluster.client.bootstrap_servers,
        &arguments,
    )?)?;
    assert_eq!(done.status, Some(3), "{}", done.errors);
    for part in ["submissions", "tribunal topics apply"] {
        ensure!(
            done.errors.contains(part),
            "no `{part}` in: {}",
            done.errors
        );
    }
    Ok(())
}

#[test]
fn what_can_never_be_accepted_is_refused_before_the_cluster_is_asked() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let large = folder.path().join("large.c");
    fs::write(&large, vec![b' '; 3 << 20])?;
    let small = jury_path("lanterns/submissions/accepted/lantern.c");
    let refused = |problem: &str, path: &str| -> anyhow::Result<String> {
        let arguments = ["submit", "--problem", problem, path];
        let done = Finished::run(&mut producer(NOWHERE, &arguments)?)?;
        assert_eq!(done.status, Some(2), "{}", done.errors);
        Ok(done.errors)
    };
    let error = refused("lanterns", large.to_str().context("the path is not UTF-8")?)?;
    ensure!(error.contains("bytes"), "{error}");
    let error = refused("Not A Problem", &small)?;
    ensure!(error.contains("Not A Problem"), "{error}");
    let error = refused(
        "lanterns",
        &Path::new("/nowhere/main.c").display().to_string(),
    )?;
    ensure!(error.contains("/nowhere/main.c"), "{error}");
    Ok(())
}
