//! `hot-problem`: what a fleet makes of submissions for one problem, over the same spread over all partitions; and what the
//! other problems notice of it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Figure;
use crate::pipeline::{Broker, Fleet, Judged, Load, Target, Verdicts, evenly, run, tell};
use crate::samples::{median, percentile};

const EVALUATORS: usize = 4;
const SLOTS: usize = 8;
const PARTITIONS: usize = 24;
const TASK: Duration = Duration::from_millis(50);
/// The problem that everybody submits to.
const HOT: Target = Target(5);
/// What the fleet can do, per second.
const CAPACITY: f64 = EVALUATORS as f64 * SLOTS as f64 / 0.05;
/// Submissions of one throughput run: ten seconds' worth.
const BACKLOG: usize = 6_400;
/// Seconds of one latency run.
const SECONDS: usize = 20;

/// Medians of so many interleaved pairs.
pub(crate) fn measure(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    run(measured(pairs))
}

async fn measured(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    let broker = Broker::start(PARTITIONS).await?;
    let _fleet = Fleet::start(&broker, EVALUATORS, SLOTS).await?;
    let mut course = Course {
        load: Load::new(&broker.client, PARTITIONS, TASK)?,
        verdicts: Verdicts::open(&broker.client).await?,
    };
    // Evaluators learn what each problem costs.
    course
        .backlog("learning", evenly(BACKLOG / 4, PARTITIONS))
        .await?;
    let (mut hot, mut spread) = (Vec::new(), Vec::new());
    let (mut beside_hot, mut beside_spread) = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        spread.push(
            course
                .backlog("spread", evenly(BACKLOG, PARTITIONS))
                .await?,
        );
        let all_hot = std::iter::repeat_n(HOT, BACKLOG);
        hot.push(course.backlog("hot", all_hot).await?);
        beside_spread.push(course.others_p99_ms("80 % spread", 0).await?);
        beside_hot.push(course.others_p99_ms("70 % hot", 7).await?);
    }
    let (hot, spread) = (median(hot), median(spread));
    let milliseconds = |ms: Vec<f64>| Duration::from_secs_f64(median(ms) / 1e3);
    Ok(vec![
        Figure::at_least("hot-problem", hot, spread, "submissions/s", 0.9, "≥ 90 %"),
        Figure::at_most(
            "hot-problem-others-p99",
            milliseconds(beside_hot),
            milliseconds(beside_spread),
            2.0,
            "≤ 2×",
        ),
    ])
}

struct Course {
    load: Load,
    verdicts: Verdicts,
}

impl Course {
    /// Judged per second, from the first submission to the last verdict.
    async fn backlog(
        &mut self,
        what: &str,
        targets: impl ExactSizeIterator<Item = Target>,
    ) -> anyhow::Result<f64> {
        let count = targets.len();
        self.load.send_all(targets).await?;
        let judged = self.verdicts.take(count).await?;
        let first = judged.iter().map(|judged| judged.accepted_ms).min();
        let last = judged.last().map(|judged| judged.judged_ms);
        let took_ms = last.zip(first).map_or(0, |(last, first)| last - first);
        let rate = count as f64 * 1e3 / took_ms as f64;
        self.tell(what, rate, &judged).await?;
        Ok(rate)
    }

    /// 99 of 100 of the other problems' submissions are judged within so many milliseconds, at 80 % of what the fleet can
    /// do, of which so many tenths are for the hot problem.
    async fn others_p99_ms(&mut self, what: &str, hot_tenths: usize) -> anyhow::Result<f64> {
        let rate = CAPACITY * 0.8;
        let count = rate as usize * SECONDS;
        let targets = (0..count).map(|index| {
            // The others go round the other partitions.
            if index % 8 < hot_tenths {
                HOT
            } else {
                let others = if hot_tenths == 0 { index } else { index / 8 };
                Target((HOT.0 + 1 + others % (PARTITIONS - 1)) % PARTITIONS)
            }
        });
        let (sent, judged) =
            tokio::join!(self.load.send_at(rate, targets), self.verdicts.take(count));
        sent?;
        let judged = judged?;
        let hot_problem = self.load.problem(HOT).to_owned();
        let others = judged.iter().filter(|judged| judged.problem != hot_problem);
        let latencies = others.map(|judged| judged.latency_ms() as f64).collect();
        let p99 = percentile(latencies, 0.99);
        self.tell(what, p99, &judged).await?;
        Ok(p99)
    }

    /// Who judged how many, for whoever watches.
    async fn tell(&mut self, what: &str, value: f64, judged: &[Judged]) -> anyhow::Result<()> {
        let mut hosts = BTreeMap::<&str, usize>::new();
        for judged in judged {
            *hosts.entry(&judged.host).or_default() += 1;
        }
        let handed_over = self.verdicts.handed_over().await?;
        let count = judged.len();
        tell(&format!(
            "{what}: {value:.1}; handed over {handed_over} of {count}; {hosts:?}"
        ));
        Ok(())
    }
}
