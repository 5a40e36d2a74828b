//! The whole pipeline while evaluators come and go: nothing lost, nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::finished::Finished;
use e2e::jury::{JurySubmission, jury_submissions, record};
use e2e::results::{published, rows};
use e2e::service::Service;
use e2e::{process, report};
use kafka::Producer;
use schemas::VerdictCode;
use uuid::Uuid;

const PROBLEMS: [&str; 4] = ["clockhands", "lanterns", "oddsocks", "tidepool"];
const SUBMISSIONS: usize = 300;
const SLOTS: usize = 2;
/// The consumer's longest wait before a change is committed, when nothing waits for the commit.
const COMMIT_INTERVAL_MS: i64 = 50;
/// How late a thread of a busy host may come round to commit.
const SCHEDULING_MS: i64 = 200;

/// What was sent: of each submission, its problem and the verdict that is true.
type Sent = BTreeMap<Uuid, (String, VerdictCode)>;

#[tokio::test]
async fn each_submission_has_exactly_one_row_though_an_evaluator_joins_and_one_is_killed()
-> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let _sink = cluster.sink().await?;
    let mut analytics = cluster.analytics().await?;
    let options = ["--slots", "2", "--languages", "c"];
    let first = cluster.evaluator(1, &options).await?;
    let second = cluster.evaluator(2, &options).await?;

    let programs = programs()?;
    let producer = cluster.producer()?;
    let mut sent = Sent::new();
    send(&producer, &programs, SUBMISSIONS / 2, &mut sent).await?;
    until_recorded(&cluster, SUBMISSIONS / 6).await?;
    analytics.process.stop(Duration::from_secs(20)).await?;

    let third = cluster.evaluator(3, &options).await?;
    send(&producer, &programs, SUBMISSIONS, &mut sent).await?;
    until_recorded(&cluster, SUBMISSIONS / 2 + 20).await?;
    let mut evaluators = [first, second, third];
    let death = kill_one_that_judges(&mut evaluators).await?;

    until_recorded(&cluster, SUBMISSIONS).await?;
    every_row_is_true(&cluster, &sent).await?;
    repeated_work_is_bounded(&cluster, &death).await?;
    let _analytics = cluster.analytics().await?;
    analytics_counts_all(&cluster, &sent).await
}

fn programs() -> anyhow::Result<Vec<JurySubmission>> {
    let mut programs = Vec::new();
    for problem in PROBLEMS {
        let of_problem = jury_submissions(problem, "c")?;
        // As many of each problem: repeat the few that there are.
        programs.extend(of_problem.iter().cycle().take(12).cloned());
    }
    // One of each problem in turn, so that all partitions have work.
    Ok((0..12)
        .flat_map(|i| (0..4).map(move |problem| (i, problem)))
        .map(|(i, problem)| programs[problem * 12 + i].clone())
        .collect())
}

/// Sends until so many are sent in all, and returns when all are accepted.
async fn send(
    producer: &Producer,
    programs: &[JurySubmission],
    total: usize,
    sent: &mut Sent,
) -> anyhow::Result<()> {
    let mut deliveries = Vec::new();
    for program in programs
        .iter()
        .cycle()
        .skip(sent.len())
        .take(total - sent.len())
    {
        let submission = program.submission()?;
        deliveries.push(producer.send(record(&submission)?));
        sent.insert(
            submission.submission_id,
            (program.problem.clone(), program.expected),
        );
    }
    for delivery in deliveries {
        delivery.await?;
    }
    Ok(())
}

async fn until_recorded(cluster: &Cluster, count: usize) -> anyhow::Result<()> {
    let recorded = async || {
        let rows = rows(&cluster.database_url).await?;
        Ok((rows.len() >= count).then_some(()))
    };
    eventually(
        Duration::from_secs(240),
        &format!("{count} verdicts are recorded"),
        recorded,
    )
    .await
}

/// How an evaluator was killed.
struct Death {
    host: String,
    at_ms: i64,
    slots_busy: f64,
    /// The longest commit round trip that it showed just before.
    round_trip_ms: i64,
}

/// Kills the first that is found with busy slots, at once.
async fn kill_one_that_judges(evaluators: &mut [Service]) -> anyhow::Result<Death> {
    let mut round_trips_ms = vec![0; evaluators.len()];
    let busy = async || {
        for (index, evaluator) in evaluators.iter().enumerate() {
            let latency = evaluator
                .metric("tribunal_evaluator_commit_latency_seconds")
                .await?;
            let latency_ms = (latency.unwrap_or_default() * 1000.0).ceil() as i64;
            round_trips_ms[index] = latency_ms.max(round_trips_ms[index]);
            let slots_busy = evaluator.metric("tribunal_evaluator_slots_busy").await?;
            let slots_busy = slots_busy.context("no gauge of busy slots")?;
            if slots_busy >= 1.0 {
                return Ok(Some((index, slots_busy)));
            }
        }
        Ok(None)
    };
    let limit = Duration::from_secs(60);
    let (index, slots_busy) = eventually(limit, "an evaluator judges", busy).await?;
    evaluators[index].process.kill()?;
    Ok(Death {
        host: format!("evaluator-{}", index + 1),
        at_ms: now_ms(),
        slots_busy,
        round_trip_ms: round_trips_ms[index],
    })
}

async fn every_row_is_true(cluster: &Cluster, sent: &Sent) -> anyhow::Result<()> {
    let rows = rows(&cluster.database_url).await?;
    ensure!(
        rows.len() == sent.len(),
        "{} rows for {} submissions",
        rows.len(),
        sent.len()
    );
    for (submission_id, (problem, expected)) in sent {
        let got = rows
            .get(&(*submission_id, 0))
            .context("a submission without a row")?;
        ensure!(
            got == expected.as_str(),
            "{problem} {submission_id}: {got}, not {}",
            expected.as_str()
        );
    }
    Ok(())
}

/// Work is repeated if its verdict was published and then published again, or if it died with its slot.
async fn repeated_work_is_bounded(cluster: &Cluster, death: &Death) -> anyhow::Result<()> {
    let published = published(cluster).await?;
    let distinct: BTreeSet<Uuid> = published
        .iter()
        .map(|(verdict, _)| verdict.submission_id)
        .collect();
    let published_again = published.len() - distinct.len();
    let since_ms = death.at_ms - death.round_trip_ms - COMMIT_INTERVAL_MS - SCHEDULING_MS;
    let in_round_trip = published
        .iter()
        .filter(|(verdict, at_ms)| verdict.jury.host == death.host && *at_ms >= since_ms)
        .count();
    report(&format!(
        "{} was killed with {} busy slots; repeated: {published_again} that it had published, and what was in its slots; \
         bound: {SLOTS} slots + {in_round_trip} completed within a commit round trip of {} ms",
        death.host, death.slots_busy, death.round_trip_ms
    ));
    ensure!(
        published_again <= in_round_trip,
        "more was repeated than one commit round trip explains"
    );
    Ok(())
}

async fn analytics_counts_all(cluster: &Cluster, sent: &Sent) -> anyhow::Result<()> {
    let mut expected = BTreeMap::new();
    for (problem, verdict) in sent.values() {
        let (submissions, accepted) = expected.entry(problem.clone()).or_insert((0, 0));
        *submissions += 1;
        *accepted += i64::from(*verdict == VerdictCode::Ac);
    }
    eventually(
        Duration::from_secs(60),
        "analytics has counted all",
        async || Ok((analytics_counts(cluster)? == expected).then_some(())),
    )
    .await
}

/// Of each problem: submissions and accepted ones.
fn analytics_counts(cluster: &Cluster) -> anyhow::Result<BTreeMap<String, (i64, i64)>> {
    let mut command = process::command("analytics")?;
    command.args([
        "report",
        "--json",
        "--window",
        "all",
        "--database-url",
        &cluster.database_url,
    ]);
    let mut counts = BTreeMap::new();
    for line in Finished::run(&mut command)?.json()? {
        let problem = line["problem_id"].as_str().context("no problem_id")?;
        let number = |field: &str| line[field].as_i64().with_context(|| format!("no {field}"));
        counts.insert(
            problem.to_owned(),
            (number("submissions")?, number("accepted")?),
        );
    }
    Ok(counts)
}

fn now_ms() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
