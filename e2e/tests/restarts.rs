//! Roles and servers that are stopped, killed and started again in the middle of work.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::ensure;
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::jury::{record, submission};
use e2e::report;
use e2e::results::{count, published, rows};
use schemas::Submission;
use uuid::Uuid;

/// Three problems whose ids lie in different partitions.
const PROBLEMS: [&str; 3] = ["lanterns", "oddsocks", "tidepool"];
const LIMIT: Duration = Duration::from_secs(120);

/// A submission that takes so long and is accepted; `evaluator` knows the marker only under a feature for tests.
fn pause(number: usize, milliseconds: u32) -> Submission {
    let problem = PROBLEMS[number % PROBLEMS.len()];
    let source = format!("// {number}, tribunal-hook: sleep {milliseconds}\n");
    submission(problem, "c", "main.c", source)
}

async fn send(
    cluster: &Cluster,
    count: usize,
    milliseconds: u32,
) -> anyhow::Result<BTreeSet<Uuid>> {
    let producer = cluster.producer()?;
    let mut sent = BTreeSet::new();
    let mut deliveries = Vec::new();
    for number in 0..count {
        let submission = pause(number, milliseconds);
        sent.insert(submission.submission_id);
        deliveries.push(producer.send(record(&submission)?));
    }
    for delivery in deliveries {
        delivery.await?;
    }
    Ok(sent)
}

async fn until_recorded(cluster: &Cluster, count: usize) -> anyhow::Result<()> {
    eventually(
        LIMIT,
        &format!("{count} verdicts are recorded"),
        async || {
            let rows = rows(&cluster.database_url).await?;
            Ok((rows.len() >= count).then_some(()))
        },
    )
    .await
}

#[tokio::test]
async fn an_evaluator_that_is_asked_to_stop_finishes_what_runs_and_the_other_goes_on_at_once()
-> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let options = ["--slots", "4", "--languages", "c"];
    let mut leaving = cluster.evaluator(1, &options).await?;
    let _staying = cluster.evaluator(2, &options).await?;
    let sent = send(&cluster, 60, 500).await?;
    eventually(LIMIT, "the one that leaves judges", async || {
        let busy = leaving.metric("tribunal_evaluator_slots_busy").await?;
        Ok(busy.filter(|&busy| busy >= 1.0))
    })
    .await?;

    leaving.process.stop(Duration::from_secs(30)).await?;
    let stopped = Instant::now();
    let all = eventually(LIMIT, "all are judged", async || {
        let published = published(&cluster).await?;
        Ok((published.len() >= sent.len()).then_some(published))
    })
    .await?;
    let of_leaving = all
        .iter()
        .filter(|(verdict, _)| verdict.jury.host == "evaluator-1")
        .count();
    report(&format!(
        "{of_leaving} by the one that left; the rest {:?} after its end",
        stopped.elapsed()
    ));
    let judged: BTreeSet<Uuid> = all
        .iter()
        .map(|(verdict, _)| verdict.submission_id)
        .collect();
    assert_eq!(judged, sent);
    // A clean leave repeats nothing, not even work.
    assert_eq!(all.len(), sent.len());
    ensure!(
        all.iter().all(|(verdict, _)| verdict.jury.attempt == 1),
        "something was tried twice"
    );
    Ok(())
}

#[tokio::test]
async fn a_sink_that_is_killed_in_the_middle_records_nothing_twice() -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let mut sink = cluster.sink().await?;
    let _evaluator = cluster
        .evaluator(1, &["--slots", "8", "--languages", "c"])
        .await?;
    let sent = send(&cluster, 600, 20).await?;
    until_recorded(&cluster, 100).await?;
    sink.process.kill()?;
    let recorded = rows(&cluster.database_url).await?.len();
    let _sink = cluster.sink().await?;
    until_recorded(&cluster, sent.len()).await?;
    report(&format!("killed after {recorded} of {}", sent.len()));
    each_is_recorded_once(&cluster, &sent).await
}

#[tokio::test]
async fn a_database_that_crashes_and_comes_back_loses_nothing_and_stops_nobody()
-> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let mut sink = cluster.sink().await?;
    let mut analytics = cluster.analytics().await?;
    let _evaluator = cluster
        .evaluator(1, &["--slots", "8", "--languages", "c"])
        .await?;
    let sent = send(&cluster, 600, 20).await?;
    until_recorded(&cluster, 100).await?;
    cluster.postgres.halt()?;
    let judged_meanwhile = published(&cluster).await?.len();
    // Judging goes on without a database.
    eventually(LIMIT, "more is judged meanwhile", async || {
        let now = published(&cluster).await?.len();
        Ok((now > judged_meanwhile || now == sent.len()).then_some(()))
    })
    .await?;
    cluster.postgres.resume()?;
    until_recorded(&cluster, sent.len()).await?;
    ensure!(sink.process.ended()?.is_none(), "the sink gave up");
    ensure!(analytics.process.ended()?.is_none(), "analytics gave up");
    each_is_recorded_once(&cluster, &sent).await?;
    eventually(LIMIT, "analytics has counted all", async || {
        let query = "SELECT COUNT(*) FROM analytics_verdicts WHERE verdict = 'AC'";
        let counted = count(&cluster.database_url, query).await?;
        Ok((counted == i64::try_from(sent.len())?).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_broker_that_crashes_and_comes_back_loses_no_submission_and_no_verdict()
-> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let _sink = cluster.sink().await?;
    let mut evaluator = cluster
        .evaluator(1, &["--slots", "8", "--languages", "c"])
        .await?;
    let sent = send(&cluster, 300, 50).await?;
    until_recorded(&cluster, 50).await?;
    cluster.broker.halt()?;
    cluster.broker.resume()?;
    until_recorded(&cluster, sent.len()).await?;
    ensure!(
        evaluator.process.ended()?.is_none(),
        "the evaluator gave up"
    );
    each_is_recorded_once(&cluster, &sent).await
}

/// One row each, and what is derived from rows was derived once.
async fn each_is_recorded_once(cluster: &Cluster, sent: &BTreeSet<Uuid>) -> anyhow::Result<()> {
    let rows = rows(&cluster.database_url).await?;
    let recorded: BTreeSet<Uuid> = rows
        .keys()
        .map(|(submission_id, _)| *submission_id)
        .collect();
    assert_eq!(&recorded, sent);
    assert_eq!(rows.len(), sent.len());
    let query = "SELECT CAST(SUM(judgements) AS BIGINT) FROM verdict_counts";
    let counted = count(&cluster.database_url, query).await?;
    assert_eq!(counted, i64::try_from(sent.len())?);
    Ok(())
}
