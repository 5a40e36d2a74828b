//! Roles and servers that are stopped, killed and started again in the middle of work.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::ensure;
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::pauses::send;
use e2e::report;
use e2e::results::{count, published, rows};
use uuid::Uuid;

const LIMIT: Duration = Duration::from_secs(120);

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
