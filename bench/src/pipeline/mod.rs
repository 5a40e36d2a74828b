//! The whole pipeline for benchmarks: a real broker, evaluators that sleep instead of judging, submissions in, verdicts out.
//!
//! Sleeping needs the cargo feature `hooks`: then a comment in a source tells an evaluator how long.

mod fleet;
mod load;
mod verdicts;

pub(crate) use fleet::{Broker, Fleet};
pub(crate) use load::{Load, Target, evenly};
pub(crate) use verdicts::{Judged, Verdicts};

/// Refuses to measure evaluators that would judge in earnest.
pub(crate) fn check_hooks() -> anyhow::Result<()> {
    anyhow::ensure!(
        evaluator::HOOKS,
        "this benchmark needs evaluators that sleep instead of judging: cargo run --release -p bench --features hooks -- NAME"
    );
    Ok(())
}
