//! `test-cases`: judged small cases per second on two slots, each with a core of its own, over two bare loops that spawn the same program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use judge::package::Package;
use judge::{
    Cancel, Judge, JudgeConfig, JudgeOptions, Languages, Source, SourceFile, Verdict, Worker,
};
use sandbox::Sandbox;

use crate::Figure;
use crate::samples::median;

/// Cases of the package: as many runs make one measurement.
const CASES: u32 = 50;
const SLOTS: usize = 2;
/// The same flags as the judge's, so that it is the same program.
const FLAGS: [&str; 3] = ["-std=gnu++20", "-O2", "-pipe"];
const SOURCE: &str = "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n";

/// Measures as many interleaved pairs as make up `runs` runs on each slot, after a warm-up.
pub(crate) fn measure(runs: u32) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let package = write_package(folder.path())?;
    let program = compile(folder.path())?;
    let languages = Languages::builtin();
    let sandbox = Sandbox::open(languages.sandbox_config())?;
    let mut config = JudgeConfig::new(folder.path().join("cache"));
    // As on a host that does nothing else. A run is a chain of processes that wake each other: on one core it is shorter.
    config.pin = true;
    let judge = Judge::new(sandbox, languages, config)?;
    let mut workers: Vec<_> = (0..SLOTS)
        .map(|_| judge.worker())
        .collect::<Result<_, _>>()?;
    let (mut judged, mut bare) = (Vec::new(), Vec::new());
    for pair in 0..=runs.div_ceil(CASES) {
        let spawning = side_by_side([(); SLOTS].iter_mut(), |()| spawn_all(&program, &package))?;
        let judging = side_by_side(workers.iter_mut(), |worker| judge_all(worker, &package))?;
        // The first time also compiles.
        if pair > 0 {
            bare.push(rate(spawning));
            judged.push(rate(judging));
        }
    }
    Ok(vec![Figure::at_least(
        "test-cases",
        median(judged),
        median(bare),
        "cases/s",
        0.5,
        "≥ 50 %",
    )])
}

fn write_package(folder: &Path) -> anyhow::Result<Package> {
    let root = folder.join("sum");
    let secret = root.join("data/secret");
    std::fs::create_dir_all(&secret)?;
    std::fs::write(
        root.join("problem.yaml"),
        "problem_format_version: 2025-09\nname: Sum\nuuid: 0f0e8f5a-6d25-4d0c-9a8e-4d6b7f1c2a3b\nlimits:\n  time_limit: 2\n",
    )?;
    for case in 0..CASES {
        let input = format!("{case} {}\n", 7 * case);
        std::fs::write(secret.join(format!("{case:03}.in")), input)?;
        std::fs::write(
            secret.join(format!("{case:03}.ans")),
            format!("{}\n", 8 * case),
        )?;
    }
    Package::load(&root).context("failed to read the package of this benchmark")
}

fn compile(folder: &Path) -> anyhow::Result<PathBuf> {
    let (source, program) = (folder.join("sum.cpp"), folder.join("sum-program"));
    std::fs::write(&source, SOURCE)?;
    let status = Command::new("g++")
        .args(FLAGS)
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .status()
        .context("failed to start g++: install it")?;
    ensure!(status.success(), "g++ could not compile the program");
    Ok(program)
}

/// Does `work` on a thread for each slot at the same time; how long until the last was done.
fn side_by_side<T: Send>(
    slots: impl Iterator<Item = T>,
    work: impl Fn(T) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<Duration> {
    let start = Instant::now();
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = slots.map(|slot| scope.spawn(move || work(slot))).collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("a slot panicked"))?
        })
    })?;
    Ok(start.elapsed())
}

fn judge_all(worker: &mut Worker, package: &Package) -> anyhow::Result<()> {
    let source = Source {
        files: vec![SourceFile {
            name: "sum.cpp".to_owned(),
            content: SOURCE.as_bytes().to_vec(),
        }],
        language: None,
        entry_point: None,
    };
    let judgement = worker.judge(
        package,
        &source,
        &JudgeOptions::default(),
        &Cancel::new()?,
        &mut |_| {},
    )?;
    ensure!(
        judgement.verdict == Verdict::Accepted && judgement.cases.len() == CASES as usize,
        "{} after {} cases: {}",
        judgement.verdict,
        judgement.cases.len(),
        judgement.compile_log
    );
    Ok(())
}

fn spawn_all(program: &Path, package: &Package) -> anyhow::Result<()> {
    for case in &package.cases {
        let status = Command::new(program)
            .stdin(File::open(&case.input)?)
            .stdout(tempfile::tempfile()?)
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "the bare program failed: {status}");
    }
    Ok(())
}

/// Runs per second.
fn rate(took: Duration) -> f64 {
    f64::from(CASES) * SLOTS as f64 / took.as_secs_f64()
}
