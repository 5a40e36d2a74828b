//! `latency`: acknowledged → verdict readable with a judge that answers at once, so without the time in the sandbox, over a bare
//! trip of two hops. Both ways are taken in turn all the time, so whatever happens on the host happens to both.

use std::time::Duration;

use schemas::topics;

use crate::Figure;
use crate::bare::{Arrivals, Hop, Linger, Sender};
use crate::pipeline::{Broker, Fleet, Load, Trips, Way, run, tell};
use crate::samples::{median, percentile};

const PARTITIONS: usize = 24;
const SLOTS: usize = 8;
const PER_SECOND: f64 = 50.0;
/// Seconds of one measurement, and of the time before the first.
const SECONDS: f64 = 20.0;
const WARM_UP: f64 = 8.0;
/// The bare way; as many partitions at its end as `verdicts` has.
const FIRST: &str = "bench.first";
const SECOND: (&str, usize) = ("bench.second", 6);

/// Medians of so many measurements.
pub(crate) fn measure(rounds: u32) -> anyhow::Result<Vec<Figure>> {
    run(measured(rounds))
}

async fn measured(rounds: u32) -> anyhow::Result<Vec<Figure>> {
    let broker = Broker::start(PARTITIONS).await?;
    broker.add_topic(FIRST, PARTITIONS).await?;
    broker.add_topic(SECOND.0, SECOND.1).await?;
    let servers = &broker.client.bootstrap_servers;
    let _hop = Hop::start(servers, FIRST, SECOND.0, Linger::None)?;
    let _fleet = Fleet::start(&broker, 1, SLOTS).await?;
    let judged = Way {
        topic: None,
        arrivals: Arrivals::of(servers, topics::VERDICTS)?,
    };
    let bare = Way {
        topic: Some(FIRST),
        arrivals: Arrivals::of(servers, SECOND.0)?,
    };
    let trips = Trips {
        load: Load::new(&broker.client, PARTITIONS, Duration::ZERO)?,
        sender: Sender::new(servers)?,
        partitions: PARTITIONS,
    };
    trips.times([&judged, &bare], PER_SECOND, WARM_UP).await?;
    let mut all = [const { Vec::new() }; 4];
    for _ in 0..rounds {
        let [judged, bare] = trips.times([&judged, &bare], PER_SECOND, SECONDS).await?;
        let measured = [
            percentile(judged.clone(), 0.5),
            percentile(bare.clone(), 0.5),
            percentile(judged, 0.99),
            percentile(bare, 0.99),
        ];
        tell(&format!("p50, bare p50, p99, bare p99: {measured:.2?} ms"));
        for (of_all, one) in all.iter_mut().zip(measured) {
            of_all.push(one);
        }
    }
    let [p50, bare_p50, p99, bare_p99] = all.map(milliseconds);
    Ok(vec![
        Figure::at_most("latency-p50", p50, bare_p50, 2.0, "≤ 2×"),
        Figure::at_most("latency-p99", p99, bare_p99, 2.0, "≤ 2×"),
    ])
}

fn milliseconds(of_all: Vec<f64>) -> Duration {
    Duration::from_secs_f64(median(of_all) / 1e3)
}
