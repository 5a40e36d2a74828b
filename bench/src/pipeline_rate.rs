//! `pipeline-rate`: submissions per second through one evaluator whose judge answers at once, over a bare loop that consumes and
//! produces the same records. Both find all of them waiting, and are measured by how the topic grows that they write.

use std::time::{Duration, Instant};

use anyhow::ensure;
use schemas::topics;

use crate::Figure;
use crate::bare::{Ends, Hop, Linger};
use crate::pipeline::{Broker, Fleet, Load, evenly, run, tell};
use crate::samples::{median, middle_rate};

const PARTITIONS: usize = 24;
const SLOTS: usize = 8;
/// Waiting records of one measurement.
const RECORDS: usize = 100_000;
/// Where the bare loop writes.
const COPIES: &str = "bench.copies";
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);
/// Longest wait for all records.
const PATIENCE: Duration = Duration::from_secs(180);

/// The median of so many interleaved pairs.
pub(crate) fn measure(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    run(measured(pairs))
}

async fn measured(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    let broker = Broker::start(PARTITIONS).await?;
    broker.add_topic(COPIES, PARTITIONS).await?;
    let load = Load::new(&broker.client, PARTITIONS, Duration::ZERO)?;
    let (mut judged, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        load.send_all(evenly(RECORDS, PARTITIONS)).await?;
        let growing = growth(&broker, COPIES);
        let hop = Hop::start(
            &broker.client.bootstrap_servers,
            topics::SUBMISSIONS,
            COPIES,
            Linger::Default,
        )?;
        bare.push(growing.await?);
        hop.end()?;
        let growing = growth(&broker, topics::VERDICTS);
        let fleet = Fleet::start(&broker, 1, SLOTS).await?;
        judged.push(growing.await?);
        fleet.stop().await?;
        tell(&format!(
            "judged {:.0}/s, bare {:.0}/s",
            judged.last().unwrap_or(&0.0),
            bare.last().unwrap_or(&0.0)
        ));
    }
    Ok(vec![Figure::at_least(
        "pipeline-rate",
        median(judged),
        median(bare),
        "submissions/s",
        0.6,
        "≥ 60 %",
    )])
}

/// Looks from now on how a topic grows by all records; resolves to how many a second.
fn growth(
    broker: &Broker,
    topic: &'static str,
) -> impl Future<Output = anyhow::Result<f64>> + use<> {
    let servers = broker.client.bootstrap_servers.clone();
    let watching = tokio::task::spawn_blocking(move || watch(&servers, topic));
    async move { watching.await? }
}

fn watch(servers: &str, topic: &str) -> anyhow::Result<f64> {
    let ends = Ends::of(servers, topic)?;
    let (before, started) = (ends.count()?, Instant::now());
    let mut samples = vec![(0.0, 0.0)];
    loop {
        let grown = (ends.count()? - before) as f64;
        samples.push((started.elapsed().as_secs_f64(), grown));
        if grown >= RECORDS as f64 {
            return Ok(middle_rate(&samples, RECORDS as f64));
        }
        ensure!(
            started.elapsed() < PATIENCE,
            "only {grown} of {RECORDS} records on {topic}"
        );
        std::thread::sleep(LOOK);
    }
}
