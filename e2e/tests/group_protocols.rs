//! Members that come, go, die and come back on a real broker, under both group protocols: nothing is lost, and nothing moves
//! without need.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::pauses::send;
use e2e::report;
use e2e::results::published;
use e2e::service::Service;
use schemas::{Verdict, topics};
use uuid::Uuid;

const PROTOCOLS: [&str; 2] = ["classic", "consumer"];
const LIMIT: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn under_either_protocol_work_is_handed_over_taken_over_from_the_dead_and_kept_for_static_members()
-> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let fleets = [0, 1].map(|index| Fleet {
        cluster: &cluster,
        protocol: PROTOCOLS[index],
        first: 10 * index as u32,
    });
    for fleet in &fleets {
        work_is_handed_over(fleet).await.context(fleet.protocol)?;
        a_restart_of_a_static_member_moves_nothing(fleet)
            .await
            .context(fleet.protocol)?;
    }
    // Last, for what comes to a dead member's partition below its start horizon is suspect, too.
    for fleet in &fleets {
        work_of_the_dead_is_taken_over(fleet)
            .await
            .context(fleet.protocol)?;
    }
    Ok(())
}

/// Evaluators that join their groups by one protocol.
struct Fleet<'a> {
    cluster: &'a Cluster,
    protocol: &'static str,
    /// Their numbers begin here: nobody reads the log of another's.
    first: u32,
}

impl Fleet<'_> {
    async fn member(&self, number: u32) -> anyhow::Result<Service> {
        self.member_with(number, &[]).await
    }

    async fn member_with(&self, number: u32, more: &[&str]) -> anyhow::Result<Service> {
        let mut options = vec!["--slots", "4", "--languages", "c"];
        // What is on its way to the overflow lane while its owner leaves may be judged twice.
        options.extend(["--overflow-after-seconds", "0"]);
        options.extend(["--group-protocol", self.protocol]);
        options.extend(more);
        self.cluster.evaluator(self.first + number, &options).await
    }

    /// One with a lasting name.
    async fn named(&self, number: u32) -> anyhow::Result<Service> {
        let name = format!("{}-{number}", self.protocol);
        self.member_with(number, &["--group-instance-id", &name])
            .await
    }
}

async fn until_busy(member: &Service) -> anyhow::Result<()> {
    eventually(LIMIT, "it judges", async || {
        let busy = member.metric("tribunal_evaluator_slots_busy").await?;
        Ok(busy.filter(|&busy| busy >= 1.0).map(drop))
    })
    .await
}

/// The verdicts of these submissions, once each of them has one.
async fn all_judged(cluster: &Cluster, sent: &BTreeSet<Uuid>) -> anyhow::Result<Vec<Verdict>> {
    eventually(LIMIT, "all are judged", async || {
        let published = published(cluster).await?.into_iter();
        let ours = published.map(|(verdict, _)| verdict);
        let ours: Vec<_> = ours
            .filter(|verdict| sent.contains(&verdict.submission_id))
            .collect();
        let judged: BTreeSet<Uuid> = ours.iter().map(|verdict| verdict.submission_id).collect();
        Ok((judged == *sent).then_some(ours))
    })
    .await
}

fn each_was_tried_once(verdicts: &[Verdict], sent: &BTreeSet<Uuid>) -> anyhow::Result<()> {
    ensure!(verdicts.len() == sent.len(), "work was repeated");
    let once = verdicts.iter().all(|verdict| verdict.jury.attempt == 1);
    ensure!(once, "something was tried twice");
    Ok(())
}

async fn work_is_handed_over(fleet: &Fleet<'_>) -> anyhow::Result<()> {
    let (mut leaving, mut staying) = (fleet.member(1).await?, fleet.member(2).await?);
    let sent = send(fleet.cluster, 60, 500).await?;
    until_busy(&leaving).await?;
    leaving.process.stop(GRACE).await?;
    let stopped = Instant::now();
    let all = all_judged(fleet.cluster, &sent).await?;
    let host = format!("evaluator-{}", fleet.first + 1);
    let of_leaving = all.iter().filter(|verdict| verdict.jury.host == host);
    report(&format!(
        "{}: {} by the one that left; the rest {:?} after its end",
        fleet.protocol,
        of_leaving.count(),
        stopped.elapsed()
    ));
    // A clean leave repeats nothing, not even work.
    each_was_tried_once(&all, &sent)?;
    staying.process.stop(GRACE).await
}

async fn work_of_the_dead_is_taken_over(fleet: &Fleet<'_>) -> anyhow::Result<()> {
    let (mut dying, mut staying) = (fleet.member(3).await?, fleet.member(4).await?);
    let sent = send(fleet.cluster, 40, 500).await?;
    until_busy(&dying).await?;
    dying.process.kill()?;
    let killed = Instant::now();
    let all = all_judged(fleet.cluster, &sent).await?;
    report(&format!(
        "{}: all judged {:?} after a SIGKILL, {} verdicts for {}",
        fleet.protocol,
        killed.elapsed(),
        all.len(),
        sent.len()
    ));
    staying.process.stop(GRACE).await
}

async fn a_restart_of_a_static_member_moves_nothing(fleet: &Fleet<'_>) -> anyhow::Result<()> {
    let mut restarting = fleet.named(5).await?;
    let mut staying = fleet.named(6).await?;
    eventually(LIMIT, "both have their partitions", async || {
        let log = staying.process.log();
        let has_half = |topic| moves(&log, topic) >= 3;
        Ok(taken_from().all(has_half).then_some(()))
    })
    .await?;
    let moves_before = moves(&staying.process.log(), "");
    let sent = send(fleet.cluster, 24, 500).await?;
    until_busy(&restarting).await?;

    restarting.process.stop(GRACE).await?;
    let mut restarted = fleet.named(5).await?;
    let all = all_judged(fleet.cluster, &sent).await?;
    each_was_tried_once(&all, &sent)?;
    let log = staying.process.log();
    ensure!(moves(&log, "") == moves_before, "partitions moved:\n{log}");
    restarted.process.stop(GRACE).await?;
    staying.process.stop(GRACE).await
}

/// What evaluators take submissions from, each in a group of its own and with six partitions.
fn taken_from() -> impl Iterator<Item = &'static str> {
    let lanes = [
        topics::SUBMISSIONS,
        topics::SUBMISSIONS_BULK,
        topics::SUBMISSIONS_OVERFLOW,
    ];
    lanes.into_iter().chain(topics::SUBMISSIONS_RETRY)
}

/// How often partitions came or went, by what a member logs of them; of one topic how often one came.
fn moves(log: &str, topic: &str) -> usize {
    let field = format!("\"topic\":\"{topic}\"");
    let of_topic = |line: &&str| topic.is_empty() || line.contains(&field);
    let moves = ["partition assigned", "partitions revoked"];
    let moved = |line: &&str| moves.iter().any(|words| line.contains(words));
    log.lines().filter(of_topic).filter(moved).count()
}
