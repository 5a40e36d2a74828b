//! `backlog`: what an evaluator holds more, and how soon it works, when a million submissions wait.

use std::time::{Duration, Instant};

use crate::Figure;
use crate::evaluator_process::EvaluatorProcess;
use crate::held::held;
use crate::pipeline::{Broker, Fleet, Load, Verdicts, evenly, run, tell};

const PARTITIONS: usize = 24;
const SLOTS: usize = 8;
const TASK: Duration = Duration::from_millis(10);
const WAITING: usize = 1_000_000;
/// Submissions judged without a backlog, and how many of them a second.
const CALM: usize = 4_000;
const CALM_PER_SECOND: f64 = 400.0;
/// How long an evaluator is watched while it has a backlog.
const WATCH: Duration = Duration::from_secs(20);
/// Between two looks at its memory.
const LOOK: Duration = Duration::from_millis(100);

/// Both figures.
pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    run(measured())
}

async fn measured() -> anyhow::Result<Vec<Figure>> {
    let broker = Broker::start(PARTITIONS).await?;
    let load = Load::new(&broker.client, PARTITIONS, TASK)?;
    let calm = calm(&broker, &load).await?;
    tell(&format!("without a backlog: {} bytes", calm));
    let started = Instant::now();
    load.send_all(evenly(WAITING, PARTITIONS)).await?;
    tell(&format!("a million wait after {:.0?}", started.elapsed()));
    let (start_up, full) = full(&broker).await?;
    tell(&format!("with a backlog: {} bytes", full));
    Ok(vec![
        Figure::bytes_at_most(
            "backlog-memory",
            full.saturating_sub(calm),
            40_000_000,
            "≤ 40 MB",
        ),
        Figure::at_most(
            "backlog-start-up",
            start_up,
            Duration::from_secs(3),
            1.0,
            "≤ 3 s",
        ),
    ])
}

/// The most that an evaluator holds while it has work and nothing waits.
async fn calm(broker: &Broker, load: &Load) -> anyhow::Result<u64> {
    let mut fleet = Fleet::start(broker, 0, SLOTS).await?;
    let evaluator = fleet.add()?;
    evaluator.wait_until_ready().await?;
    let sending = load.send_at(CALM_PER_SECOND, evenly(CALM, PARTITIONS));
    let mut peak = 0;
    tokio::select! {
        sent = sending => sent?,
        watched = watch(evaluator, &mut peak) => watched?,
    }
    fleet.stop().await?;
    Ok(peak)
}

/// The time from the start of the process to its first verdict; and the most it holds.
async fn full(broker: &Broker) -> anyhow::Result<(Duration, u64)> {
    let mut fleet = Fleet::start(broker, 0, SLOTS).await?;
    let mut verdicts = Verdicts::open(&broker.client).await?;
    let started = Instant::now();
    let evaluator = fleet.add()?;
    verdicts.next().await?;
    let start_up = started.elapsed();
    let mut peak = 0;
    // It watches for ever.
    let watched = tokio::time::timeout(WATCH, watch(evaluator, &mut peak)).await;
    watched.unwrap_or(Ok(()))?;
    Ok((start_up, peak))
}

async fn watch(evaluator: &EvaluatorProcess, peak: &mut u64) -> anyhow::Result<()> {
    loop {
        *peak = held(evaluator)?.max(*peak);
        tokio::time::sleep(LOOK).await;
    }
}
