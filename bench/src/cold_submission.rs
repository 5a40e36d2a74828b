//! `cold-submission`: a program nobody has seen before, from its source to its verdict, over compiler and program by hand.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use judge::package::Package;
use judge::{
    Cancel, Judge, JudgeConfig, JudgeOptions, Languages, Source, SourceFile, Step, Verdict, Worker,
};
use sandbox::Sandbox;

use crate::Figure;
use crate::hello_worlds::{GREETING, HELLO_WORLDS, HelloWorld};

/// A language is measured no longer than this, once it has its fewest pairs.
const PATIENCE: Duration = Duration::from_secs(5);
const FEWEST_PAIRS: usize = 5;

/// How long one program took.
#[derive(Clone, Copy)]
struct Took {
    compile: Duration,
    run: Duration,
    whole: Duration,
}

/// Where the programs are judged, and typed in by hand.
struct Desk {
    worker: Worker,
    languages: Languages,
    package: Package,
    /// What a person's home keeps from one program to the next: a compiler's own cache.
    home: PathBuf,
    folder: tempfile::TempDir,
}

/// Measures every language that is installed here: at most `most_pairs` interleaved pairs of each, after a warm-up.
pub(crate) fn measure(most_pairs: u32) -> anyhow::Result<Vec<Figure>> {
    let mut desk = Desk::new()?;
    let mut figures = Vec::new();
    for program in &HELLO_WORLDS {
        let language = desk.languages.get(program.language);
        if language.is_some_and(judge::Language::is_installed) {
            figures.push(desk.measure(program, most_pairs)?);
        } else {
            writeln!(
                std::io::stderr(),
                "{} is not available here",
                program.language
            )?;
        }
    }
    Ok(figures)
}

impl Desk {
    fn new() -> anyhow::Result<Desk> {
        let folder = tempfile::tempdir()?;
        let home = folder.path().join("home");
        std::fs::create_dir(&home)?;
        let languages = Languages::builtin();
        let sandbox = Sandbox::open(languages.sandbox_config())?;
        let config = JudgeConfig::new(folder.path().join("cache"));
        let judge = Judge::new(sandbox, languages.clone(), config)?;
        Ok(Desk {
            worker: judge.worker()?,
            languages,
            package: write_package(folder.path())?,
            home,
            folder,
        })
    }

    fn measure(&mut self, program: &HelloWorld, most_pairs: u32) -> anyhow::Result<Figure> {
        self.worker.prepare(program.language, &Cancel::new()?);
        let (mut by_hand, mut judged) = (Vec::new(), Vec::new());
        let mut start = Instant::now();
        for number in 0..=most_pairs {
            let enough = by_hand.len() >= FEWEST_PAIRS && start.elapsed() > PATIENCE;
            if enough {
                break;
            }
            let source = program.source(number);
            let greeting = format!("{GREETING} {number}\n");
            std::fs::write(&self.package.cases[0].answer, &greeting)?;
            let typed = self.type_in(program, &source, &greeting)?;
            let decided = self.judge(program, source)?;
            // The first time reads every file of the toolchain.
            if number == 0 {
                start = Instant::now();
            } else {
                by_hand.push(typed);
                judged.push(decided);
            }
        }
        figure(program, &by_hand, &judged)
    }

    /// Compiles and runs as a person would; the source is there already.
    fn type_in(&self, program: &HelloWorld, source: &str, greeting: &str) -> anyhow::Result<Took> {
        let directory = tempfile::tempdir_in(self.folder.path())?;
        std::fs::write(directory.path().join(program.file), source)?;
        let language = self.languages.get(program.language);
        let language = language.context("no such language")?;
        let place = directory.path().to_str().context("an odd temporary path")?;
        let typed = language.by_hand(place, program.file, &self.package.limits);
        let command = |argv: &[String]| {
            let (name, arguments) = argv.split_first().context("an empty command")?;
            let mut command = Command::new(name);
            command.args(arguments).env_clear();
            command.envs(typed.environment.iter().cloned());
            command.env("HOME", &self.home).current_dir(&directory);
            anyhow::Ok(command)
        };
        let start = Instant::now();
        well(command(&typed.compile)?.stdin(Stdio::null()).output()?)?;
        let compile = start.elapsed();
        let input = File::open(&self.package.cases[0].input)?;
        let printed = well(command(&typed.run)?.stdin(input).output()?)?;
        let whole = start.elapsed();
        ensure!(printed == greeting.as_bytes(), "it printed {printed:?}");
        Ok(Took {
            compile,
            run: whole - compile,
            whole,
        })
    }

    fn judge(&mut self, program: &HelloWorld, source: String) -> anyhow::Result<Took> {
        let source = Source {
            files: vec![SourceFile {
                name: program.file.to_owned(),
                content: source.into_bytes(),
            }],
            language: Some(program.language.to_owned()),
            entry_point: None,
        };
        let cancel = Cancel::new()?;
        let mut compiles = false;
        let mut on_step = |step| compiles |= matches!(step, Step::Compiling);
        let options = JudgeOptions::default();
        let start = Instant::now();
        let judgement =
            self.worker
                .judge(&self.package, &source, &options, &cancel, &mut on_step)?;
        let whole = start.elapsed();
        ensure!(
            judgement.verdict == Verdict::Accepted,
            "{} in {}: {:?} {}",
            judgement.verdict,
            program.language,
            judgement.reason,
            judgement.compile_log
        );
        ensure!(compiles, "{} was compiled before", program.language);
        Ok(Took {
            compile: whole.saturating_sub(judgement.wall),
            run: judgement.wall,
            whole,
        })
    }
}

/// What a program printed that ended well.
fn well(output: Output) -> anyhow::Result<Vec<u8>> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {said}", output.status);
    Ok(output.stdout)
}

fn figure(program: &HelloWorld, by_hand: &[Took], judged: &[Took]) -> anyhow::Result<Figure> {
    let name = match program.variant {
        Some(variant) => format!("cold-submission {} {variant}", program.language),
        None => format!("cold-submission {}", program.language),
    };
    let [typed, decided] = [by_hand, judged].map(|all| Took {
        compile: median(all.iter().map(|took| took.compile)),
        run: median(all.iter().map(|took| took.run)),
        whole: median(all.iter().map(|took| took.whole)),
    });
    writeln!(
        std::io::stderr(),
        "{name}: {} pairs; by hand {:.1?} to compile, {:.1?} to run; judged {:.1?} until it runs, {:.1?} to run",
        by_hand.len(),
        typed.compile,
        typed.run,
        decided.compile,
        decided.run,
    )?;
    let (limit, goal) = match program.variant {
        Some(_) => (1.0, "< 1 ×"),
        None => (1.3, "≤ 1.3 ×"),
    };
    Ok(Figure::at_most(
        &name,
        decided.whole,
        typed.whole,
        limit,
        goal,
    ))
}

fn median(values: impl Iterator<Item = Duration>) -> Duration {
    let mut values: Vec<Duration> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A package with one case that wants nothing; its answer is written anew for each program.
fn write_package(folder: &Path) -> anyhow::Result<Package> {
    let root = folder.join("greeting");
    let secret = root.join("data/secret");
    std::fs::create_dir_all(&secret)?;
    std::fs::write(
        root.join("problem.yaml"),
        "problem_format_version: 2025-09\nname: Greeting\nuuid: 3d1c2f0e-97a4-4a53-8a0b-5f1d0c6e2b7a\nlimits:\n  time_limit: 20\n",
    )?;
    std::fs::write(secret.join("1.in"), "")?;
    std::fs::write(secret.join("1.ans"), format!("{GREETING}\n"))?;
    Package::load(&root).context("failed to read the package of this benchmark")
}
