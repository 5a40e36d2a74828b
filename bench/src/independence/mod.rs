//! `independence`: how long submissions take while analytics, with a tenth of a core and a quota at the broker, replays the whole
//! log, over how long they take without.

mod capped;
mod replay;

use std::time::Duration;

use schemas::topics;

use crate::Figure;
use crate::bare::{Arrivals, Ends, Sender};
use crate::pipeline::{Broker, Fleet, Load, Trips, Way, evenly, run, tell};
use crate::samples::{median, percentile};
use replay::Replay;
pub(crate) use replay::be_the_analytics;

const PARTITIONS: usize = 24;
const SLOTS: usize = 8;
const TASK: Duration = Duration::from_millis(50);
const PER_SECOND: f64 = 50.0;
/// Seconds of one measurement, and of the time before the first.
const SECONDS: f64 = 15.0;
const WARM_UP: f64 = 8.0;
/// Submissions of the past: more than analytics can read in one measurement.
const PAST: usize = 300_000;
/// What the broker lets analytics read.
const BYTES_PER_SECOND: u32 = 5_000_000;

/// Medians of so many interleaved pairs.
pub(crate) fn measure(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    run(measured(pairs))
}

async fn measured(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    let broker = Broker::start(PARTITIONS).await?;
    broker
        .kafka()
        .limit_reading(analytics::GROUP_ID, BYTES_PER_SECOND)?;
    let servers = &broker.client.bootstrap_servers;
    let load = Load::new(&broker.client, PARTITIONS, TASK)?;
    load.send_all(evenly(PAST, PARTITIONS)).await?;
    // The past is judged already.
    Ends::begin_here(servers, topics::SUBMISSIONS, "evaluators")?;
    let _fleet = Fleet::start(&broker, 1, SLOTS).await?;
    let way = Way {
        topic: None,
        arrivals: Arrivals::of(servers, topics::VERDICTS)?,
    };
    let trips = Trips {
        load,
        sender: Sender::new(servers)?,
        partitions: PARTITIONS,
    };
    trips.times([&way], PER_SECOND, WARM_UP).await?;
    let mut all = [const { Vec::new() }; 4];
    for pair in 0..pairs {
        let [alone] = trips.times([&way], PER_SECOND, SECONDS).await?;
        let replay = Replay::start(&broker, pair).await?;
        let [beside] = trips.times([&way], PER_SECOND, SECONDS).await?;
        let read = replay.end(PAST).await?;
        let measured = [
            percentile(beside.clone(), 0.5),
            percentile(alone.clone(), 0.5),
            percentile(beside, 0.99),
            percentile(alone, 0.99),
        ];
        tell(&format!(
            "p50, p50 alone, p99, p99 alone: {measured:.2?} ms; {read} records replayed"
        ));
        for (of_all, one) in all.iter_mut().zip(measured) {
            of_all.push(one);
        }
    }
    let [p50, p50_alone, p99, p99_alone] =
        all.map(|of_all| Duration::from_secs_f64(median(of_all) / 1e3));
    Ok(vec![
        Figure::at_most("independence-p50", p50, p50_alone, 1.1, "≤ 1.1×"),
        Figure::at_most("independence-p99", p99, p99_alone, 1.5, "≤ 1.5×"),
    ])
}
