//! `sandbox-launch`: a sandboxed run of a static program that returns at once, over a bare spawn of it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use sandbox::{Cancel, Ending, Outcome, Phases, Sandbox, SandboxBox, SandboxConfig};

use crate::{Figure, boxed};

/// Pairs run before counting starts, so that caches are warm.
const WARM_UP: u32 = 20;

/// Measures `pairs` interleaved pairs, after a warm-up.
pub(crate) fn measure(pairs: u32) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let program = compile_true(folder.path())?;
    let sandbox = Sandbox::open(SandboxConfig::default())?;
    let mut sandbox_box = sandbox.new_box()?;
    let cancel = Cancel::new()?;
    let (mut bare, mut boxed) = (Histogram::<u64>::new(3)?, Histogram::<u64>::new(3)?);
    let mut phases: Vec<Vec<Duration>> = Vec::new();
    for pair in 0..WARM_UP + pairs {
        let spawned = spawn_bare(&program)?;
        let (launched, outcome) = launch(&mut sandbox_box, folder.path(), &cancel)?;
        if pair >= WARM_UP {
            bare.record(nanoseconds(spawned))?;
            boxed.record(nanoseconds(launched))?;
            phases.push(outcome.phases.all().map(|(_, took)| took).to_vec());
        }
    }
    tell_phases(&phases)?;
    let at = |histogram: &Histogram<u64>, quantile| {
        Duration::from_nanos(histogram.value_at_quantile(quantile))
    };
    let (bare_p50, boxed_p50, boxed_p99) = (at(&bare, 0.5), at(&boxed, 0.5), at(&boxed, 0.99));
    Ok(vec![
        Figure::at_most("sandbox-launch", boxed_p50, bare_p50, 2.0, "p50 ≤ 2.0 ×"),
        Figure::at_most(
            "sandbox-launch-p99",
            boxed_p99.saturating_sub(bare_p50),
            Duration::from_millis(3),
            1.0,
            "p99 − bare p50 ≤ 3 ms",
        ),
    ])
}

fn compile_true(folder: &Path) -> anyhow::Result<std::path::PathBuf> {
    let (source, program) = (folder.join("true.c"), folder.join("true"));
    std::fs::write(&source, "int main(void) { return 0; }\n")?;
    let status = Command::new("gcc")
        .args(["-O2", "-static", "-o"])
        .arg(&program)
        .arg(&source)
        .status()
        .context("failed to start gcc: install gcc and libc6-dev")?;
    ensure!(status.success(), "gcc could not link a static program");
    Ok(program)
}

fn spawn_bare(program: &Path) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let status = Command::new(program)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.success(), "the bare program failed: {status}");
    Ok(start.elapsed())
}

fn launch(
    sandbox_box: &mut SandboxBox,
    folder: &Path,
    cancel: &Cancel,
) -> anyhow::Result<(Duration, Outcome)> {
    let times = (Duration::from_secs(1), Duration::from_secs(5));
    let program = boxed::program(folder, vec!["/box/true".into()], times, 64 << 20);
    let start = Instant::now();
    let outcome = sandbox_box.run(program, cancel)?;
    let elapsed = start.elapsed();
    ensure!(
        outcome.ending == Ending::Exited(0),
        "the boxed program ended with {:?}",
        outcome.ending
    );
    Ok((elapsed, outcome))
}

/// Where the time went, for people: the medians of all phases.
fn tell_phases(runs: &[Vec<Duration>]) -> anyhow::Result<()> {
    let mut out = std::io::stderr().lock();
    for (index, (name, _)) in Phases::default().all().into_iter().enumerate() {
        let mut all: Vec<_> = runs.iter().map(|run| run[index]).collect();
        all.sort_unstable();
        let median = all.get(all.len() / 2).copied().unwrap_or_default();
        writeln!(out, "{name:>12}: {:7.1} µs", median.as_secs_f64() * 1e6)?;
    }
    Ok(())
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
