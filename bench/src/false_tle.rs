//! `false-tle`: programs that take 80 % of the time limit when they are alone, while every slot runs one.
//!
//! No run is repeated. A time that passes the limit here is the host's doing: a neighbour in the cache, on the memory
//! bus or on the other hardware thread. Measured with slots that have a processor each and with slots that do not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use sandbox::{Core, Ending};

use crate::Figure;
use crate::spinner::{Kind, Workshop};

const LIMIT: Duration = Duration::from_millis(200);
/// What a run should take alone.
const ALONE: Duration = Duration::from_millis(160);
/// Far from every limit.
const GENEROUS: Duration = Duration::from_secs(20);
/// Runs that a calibration takes the median of.
const TRIES: usize = 9;

/// Runs `count` programs of each kind, with and without processors of their own.
pub(crate) fn measure(count: u32) -> anyhow::Result<Vec<Figure>> {
    let workshop = Workshop::open()?;
    let mut figures = Vec::new();
    for pin in [true, false] {
        for kind in [Kind::Cpu, Kind::Memory] {
            let rounds = calibrate(&workshop, kind)?;
            let crowd = run_everywhere(&workshop, kind, rounds, count, pin)?;
            figures.extend(crowd.figures(kind, pin, count));
        }
    }
    Ok(figures)
}

/// How many rounds take what they should when nothing else runs.
fn calibrate(workshop: &Workshop, kind: Kind) -> anyhow::Result<u64> {
    let mut sandbox_box = workshop.new_box(None)?;
    let mut median = |rounds| -> anyhow::Result<Duration> {
        let mut times = Vec::new();
        for _ in 0..TRIES {
            let outcome = workshop.run(&mut sandbox_box, kind, rounds, GENEROUS)?;
            ensure!(outcome.ending == Ending::Exited(0), "{:?}", outcome.ending);
            times.push(outcome.cpu);
        }
        times.sort_unstable();
        Ok(times[TRIES / 2])
    };
    let fixed = median(1)?;
    let mut rounds = 1_000_000;
    for _ in 0..4 {
        let moving = median(rounds)?.saturating_sub(fixed).as_secs_f64();
        let wanted = ALONE.saturating_sub(fixed).as_secs_f64();
        ensure!(moving > 0.0, "a run of {rounds} rounds takes no time");
        rounds = (rounds as f64 * wanted / moving) as u64;
    }
    Ok(rounds)
}

/// What came of the runs on all slots.
struct Crowd {
    times: Histogram<u64>,
    too_slow: u32,
}

fn run_everywhere(
    workshop: &Workshop,
    kind: Kind,
    rounds: u64,
    count: u32,
    pin: bool,
) -> anyhow::Result<Crowd> {
    let slots = Core::count()?;
    let left = AtomicU32::new(count);
    let work = || -> anyhow::Result<(Vec<Duration>, u32)> {
        let core = match pin {
            true => Some(Core::lease()?.context("no processor is left for a slot")?),
            false => None,
        };
        sandbox::outrank_boxes();
        let mut sandbox_box = workshop.new_box(core.as_ref())?;
        let (mut times, mut too_slow) = (Vec::new(), 0);
        let one_less = |left: u32| left.checked_sub(1);
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
        {
            let outcome = workshop.run(&mut sandbox_box, kind, rounds, LIMIT)?;
            times.push(outcome.cpu);
            too_slow += u32::from(outcome.ending == Ending::CpuLimit);
        }
        Ok((times, too_slow))
    };
    let mut crowd = Crowd {
        times: Histogram::new(3)?,
        too_slow: 0,
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let slots: Vec<_> = (0..slots).map(|_| scope.spawn(work)).collect();
        slots.into_iter().map(|slot| slot.join()).collect()
    });
    for result in results {
        let (times, too_slow) = result.map_err(|_| anyhow::anyhow!("a slot panicked"))??;
        crowd.too_slow += too_slow;
        for time in times {
            crowd.times.record(time.as_micros() as u64)?;
        }
    }
    Ok(crowd)
}

impl Crowd {
    fn figures(&self, kind: Kind, pin: bool, count: u32) -> [Figure; 2] {
        let slots = if pin { "pinned" } else { "free" };
        let name = format!("false-tle-{}-{slots}", kind.word());
        let p99 = Duration::from_micros(self.times.value_at_quantile(0.99));
        [
            Figure::none_of(&name, self.too_slow, count, "0 TLE"),
            Figure::at_most(
                &format!("{name}-p99"),
                p99,
                ALONE,
                LIMIT.as_secs_f64() / ALONE.as_secs_f64(),
                "p99 within the limit",
            ),
        ]
    }
}
