//! One problem that everybody submits to, on the real pipeline: all evaluators work on it, and nobody stalls behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::binaries::problems;
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::jury::{record, submission};
use e2e::report;
use e2e::results::published;
use e2e::service::Service;
use kafka::partitioner::partition_for;
use schemas::{headers, topics};
use uuid::Uuid;

/// Partitions of the lanes in the single-node profile.
const PARTITIONS: usize = 6;
/// Twenty seconds of work for two slots, six for those of three evaluators.
const HOT: usize = 200;
const NEIGHBOURS: usize = 4;
/// The evaluators' hook: two hundred milliseconds in the slot, and accepted.
const SLEEP: &str = "// tribunal-hook: sleep 200\n";

#[tokio::test]
async fn all_evaluators_work_on_a_hot_problem_and_its_neighbours_do_not_stall() -> anyhow::Result<()>
{
    let cluster = Cluster::start().await?;
    let options = ["--slots", "2", "--languages", "c"];
    let mut evaluators = Vec::new();
    for number in 1..=3 {
        evaluators.push(cluster.evaluator(number, &options).await?);
    }
    until_all_share_the_overflow_lane(&evaluators).await?;

    let [hot, neighbour] = problems_on_one_partition()?;
    let producer = cluster.producer()?;
    let mut sent = BTreeMap::new();
    let mut deliveries = Vec::new();
    for index in 0..HOT + NEIGHBOURS {
        let problem = if index < HOT { &hot } else { &neighbour };
        let submission = submission(problem, "c", "main.c", SLEEP);
        deliveries.push(producer.send(record(&submission)?));
        sent.insert(submission.submission_id, problem.clone());
    }
    for delivery in deliveries {
        delivery.await?;
    }

    let all = async || {
        let published = published(&cluster).await?;
        Ok((published.len() >= sent.len()).then_some(published))
    };
    let limit = Duration::from_secs(180);
    let mut verdicts = eventually(limit, "all are judged", all).await?;
    verdicts.sort_by_key(|(_, at_ms)| *at_ms);
    let judged: BTreeSet<Uuid> = verdicts.iter().map(|(it, _)| it.submission_id).collect();
    ensure!(
        judged == sent.keys().copied().collect(),
        "not what was sent"
    );
    ensure!(verdicts.len() == sent.len(), "one verdict for each");

    let mut hosts = BTreeMap::<&str, usize>::new();
    for (verdict, _) in &verdicts {
        *hosts.entry(&verdict.jury.host).or_default() += 1;
    }
    let last_of_neighbour = verdicts
        .iter()
        .rposition(|(verdict, _)| verdict.problem_id == neighbour)
        .context("no verdict of the neighbour")?;
    let behind = verdicts.len() - 1 - last_of_neighbour;
    report(&format!(
        "{hot} and behind it {neighbour}: {hosts:?}; {behind} of {HOT} were judged after the neighbour's last"
    ));
    ensure!(
        hosts.len() == 3 && hosts.values().all(|&count| count >= HOT / 10),
        "each evaluator should have judged a good part: {hosts:?}"
    );
    ensure!(
        behind >= HOT / 4,
        "the neighbour waited for the hot problem"
    );
    overflow_holds_copies_of_the_hot_one_only(&cluster, &sent, &hot).await
}

/// Each has its part of it: who had it all would hand nothing over.
async fn until_all_share_the_overflow_lane(evaluators: &[Service]) -> anyhow::Result<()> {
    let shared = async || {
        for evaluator in evaluators {
            if owned(evaluator).await? != PARTITIONS / evaluators.len() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    };
    let limit = Duration::from_secs(90);
    eventually(limit, "all share the overflow lane", shared).await
}

/// How many partitions of the overflow lane it shows.
async fn owned(evaluator: &Service) -> anyhow::Result<usize> {
    let mut owned = 0;
    for partition in 0..PARTITIONS {
        let topic = topics::SUBMISSIONS_OVERFLOW;
        let gauge = format!(
            "tribunal_evaluator_outstanding{{partition=\"{partition}\",topic=\"{topic}\"}}"
        );
        owned += usize::from(evaluator.metric(&gauge).await?.is_some());
    }
    Ok(owned)
}

async fn overflow_holds_copies_of_the_hot_one_only(
    cluster: &Cluster,
    sent: &BTreeMap<Uuid, String>,
    hot: &str,
) -> anyhow::Result<()> {
    let copies = cluster.records(topics::SUBMISSIONS_OVERFLOW).await?;
    let mut once = BTreeSet::new();
    for copy in &copies {
        let (id, _) = headers::identity(&copy.headers).context("a copy without identity")?;
        ensure!(once.insert(id), "{id} was handed over twice");
        ensure!(
            sent.get(&id).is_some_and(|it| it == hot),
            "{id} is no hot one"
        );
        ensure!(copy.key.as_deref() == Some(id.to_string().as_bytes()));
        let origin = headers::origin(&copy.headers).context("a copy without coordinates")?;
        ensure!(origin.topic == topics::SUBMISSIONS);
    }
    ensure!(
        copies.len() >= HOT / 3,
        "only {} were handed over",
        copies.len()
    );
    Ok(())
}

/// Two example problems whose records are on the same partition.
fn problems_on_one_partition() -> anyhow::Result<[String; 2]> {
    let mut on_partition = BTreeMap::<usize, String>::new();
    let mut folders: Vec<_> = std::fs::read_dir(problems())?.collect::<Result<_, _>>()?;
    folders.sort_by_key(std::fs::DirEntry::path);
    for folder in folders
        .iter()
        .filter(|it| it.path().join("problem.yaml").is_file())
    {
        let name = folder.file_name().to_string_lossy().into_owned();
        let partition = partition_for(name.as_bytes(), PARTITIONS);
        if let Some(other) = on_partition.insert(partition, name.clone()) {
            return Ok([other, name]);
        }
    }
    anyhow::bail!("no two problems share a partition")
}
