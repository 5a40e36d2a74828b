//! `limit-overshoot`: how much more CPU time than its limit an endless loop gets, while every slot runs one.

use std::time::Duration;

use anyhow::ensure;
use hdrhistogram::Histogram;
use sandbox::{Core, Ending};

use crate::Figure;
use crate::spinner::{Kind, Workshop};

const LIMIT: Duration = Duration::from_millis(100);
const GOAL: Duration = Duration::from_millis(10);

/// Ends `count` loops, shared out among the slots.
pub(crate) fn measure(count: u32) -> anyhow::Result<Vec<Figure>> {
    let workshop = Workshop::open()?;
    let slots = Core::count()?;
    let each = count.div_ceil(slots as u32);
    let work = || -> anyhow::Result<Vec<Duration>> {
        sandbox::outrank_boxes();
        let mut sandbox_box = workshop.new_box(None)?;
        let end_one = |_| {
            let outcome = workshop.run(&mut sandbox_box, Kind::Cpu, u64::MAX, LIMIT)?;
            ensure!(outcome.ending == Ending::CpuLimit, "{:?}", outcome.ending);
            Ok(outcome.cpu - LIMIT)
        };
        (0..each).map(end_one).collect()
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let slots: Vec<_> = (0..slots).map(|_| scope.spawn(work)).collect();
        slots.into_iter().map(|slot| slot.join()).collect()
    });
    let mut over = Histogram::<u64>::new(3)?;
    for result in results {
        for time in result.map_err(|_| anyhow::anyhow!("a slot panicked"))?? {
            over.record(time.as_micros() as u64)?;
        }
    }
    let at = |quantile| Duration::from_micros(over.value_at_quantile(quantile));
    Ok(vec![
        Figure::at_most("limit-overshoot", at(0.5), GOAL, 1.0, "p50 ≤ 10 ms"),
        Figure::at_most("limit-overshoot-p99", at(0.99), GOAL, 1.0, "p99 ≤ 10 ms"),
    ])
}
