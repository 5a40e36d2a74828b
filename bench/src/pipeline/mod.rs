//! The whole pipeline for benchmarks: a real broker, evaluators that sleep instead of judging, submissions in, verdicts out.
//!
//! Sleeping needs the cargo feature `hooks`: then a comment in a source tells an evaluator how long.

mod fleet;
mod load;
mod trips;
mod verdicts;

use std::time::Duration;

pub(crate) use fleet::{Broker, Fleet};
pub(crate) use load::{Load, Target, evenly};
pub(crate) use trips::{Trips, Way};
pub(crate) use verdicts::{Judged, Verdicts, full_rate};

use crate::Figure;

/// How long threads that still ask the broker something may take to end.
const WIND_UP: Duration = Duration::from_secs(5);

/// Runs a benchmark of the whole pipeline. A signal ends it as an error would, so that whatever it started ends too.
pub(crate) fn run(
    benchmark: impl Future<Output = anyhow::Result<Vec<Figure>>>,
) -> anyhow::Result<Vec<Figure>> {
    check_hooks()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let figures = runtime.block_on(async {
        let stop = service::shutdown::on_signals()?;
        tokio::select! {
            figures = benchmark => figures,
            () = stop.cancelled() => anyhow::bail!("stopped by a signal"),
        }
    });
    runtime.shutdown_timeout(WIND_UP);
    figures
}

/// A line about what is going on.
#[expect(clippy::print_stderr, reason = "figures alone go to standard output")]
pub(crate) fn tell(line: &str) {
    eprintln!("{line}");
}

/// Refuses to measure evaluators that would judge in earnest.
pub(crate) fn check_hooks() -> anyhow::Result<()> {
    anyhow::ensure!(
        evaluator::HOOKS,
        "this benchmark needs evaluators that sleep instead of judging: cargo run --release -p bench --features hooks -- NAME"
    );
    Ok(())
}
