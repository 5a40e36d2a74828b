//! `slot-efficiency`: sleeping tasks per second of one evaluator with a backlog, over what its slots could do at best.

use std::time::Duration;

use crate::Figure;
use crate::pipeline::{Broker, Fleet, Load, Verdicts, evenly, full_rate, run};

const PARTITIONS: [usize; 2] = [1, 24];
const SLOTS: [usize; 2] = [8, 64];
/// Milliseconds of a task, and which part of the best must be reached.
const TASKS: [(u64, f64, &str); 3] = [
    (10, 0.90, "≥ 90 %"),
    (100, 0.98, "≥ 98 %"),
    (1_000, 0.98, "≥ 98 %"),
];
/// Rounds of all slots that one measurement takes, and the seconds it takes at least.
const ROUNDS: usize = 8;
const SECONDS: f64 = 6.0;

/// One figure for each task, number of partitions and number of slots.
pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    run(measured())
}

async fn measured() -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for partitions in PARTITIONS {
        let broker = Broker::start(partitions).await?;
        for slots in SLOTS {
            let fleet = Fleet::start(&broker, 1, slots).await?;
            for (milliseconds, limit, goal) in TASKS {
                let task = Duration::from_millis(milliseconds);
                let best = slots as f64 / task.as_secs_f64();
                let rate = rate(&broker, slots, task, best).await?;
                let name = format!("slot-efficiency-{milliseconds}ms-{partitions}p-{slots}s");
                figures.push(Figure::at_least(&name, rate, best, "tasks/s", limit, goal));
            }
            fleet.stop().await?;
        }
    }
    Ok(figures)
}

/// Verdicts per second while all slots have work: without the first and the last round.
async fn rate(broker: &Broker, slots: usize, task: Duration, best: f64) -> anyhow::Result<f64> {
    let count = ((best * SECONDS) as usize).max(slots * ROUNDS);
    let load = Load::new(&broker.client, broker.partitions, task)?;
    let mut verdicts = Verdicts::open(&broker.client).await?;
    let targets = evenly(count, broker.partitions);
    let (sent, judged) = tokio::join!(load.send_all(targets), verdicts.take(count));
    sent?;
    Ok(full_rate(&judged?, slots))
}
