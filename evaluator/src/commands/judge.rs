//! `evaluator judge`: one program against one package, without Kafka.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use comfy_table::{ColumnConstraint, Table, presets};
use judge::{Cancel, Fault, GroupResult, JudgeOptions, Judgement, Source, SourceFile, Verdict};

use super::report::{JudgeErrorLine, JudgementLine, points};
use super::timing::doubt;
use crate::local_judge::{DISAGREES, JUDGE_ERROR, LocalJudgeArgs, load_package, print, tell};

/// Judge one program against one problem package, here and now.
///
/// Compiles the files, runs every test case in the sandbox until one is not accepted, and prints the verdict. Neither Kafka nor a database is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 accepted, 1 any other verdict, 2 wrong usage or an unreadable package or file, 3 the judge failed.

Examples:
  evaluator judge problems/lanterns solution.cpp
  evaluator judge --json problems/lanterns Main.java Helper.java | jq .verdict
  evaluator judge --all-cases --time-limit 2.5 problems/lanterns my-solution/")]
pub(crate) struct Args {
    /// The problem package: a directory with problem.yaml, or a .zip or .kpp of one.
    package: PathBuf,
    /// The program: one file, several, or one directory of files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Language id instead of what the file endings say: `evaluator languages` names them.
    #[arg(long)]
    language: Option<String>,
    /// Main file or class where the language needs one.
    #[arg(long)]
    entry_point: Option<String>,
    /// CPU time limit of a case in seconds instead of the package's.
    #[arg(long, value_name = "SECONDS", value_parser = positive_seconds)]
    time_limit: Option<Duration>,
    /// Run all cases, also those that can no longer change verdict or score.
    #[arg(long)]
    all_cases: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    judge: LocalJudgeArgs,
}

/// Judges, prints, and tells the verdict by the exit status.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let inputs = load_package(&args.package).and_then(|package| Ok((package, args.source()?)));
    let (package, source) = match inputs {
        Ok(inputs) => inputs,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            return Ok(ExitCode::from(2));
        }
    };
    let options = JudgeOptions {
        time_limit: args.time_limit,
        stop_early: !args.all_cases,
    };
    let judged = args.judge.open().and_then(|judge| {
        let cancel = Cancel::new()?;
        let mut worker = judge.worker()?;
        Ok(worker.judge(&package, &source, &options, &cancel, &mut |_| {})?)
    });
    let judgement = match judged {
        Ok(judgement) => judgement,
        Err(error) => return judge_error(args, &error),
    };
    if args.json {
        print(&serde_json::to_string(&JudgementLine::from(&judgement))?)?;
    } else {
        print_table(&judgement)?;
    }
    Ok(match judgement.verdict {
        Verdict::Accepted => ExitCode::SUCCESS,
        _ => ExitCode::from(DISAGREES),
    })
}

fn judge_error(args: &Args, error: &anyhow::Error) -> anyhow::Result<ExitCode> {
    let mut message = format!("{error:#}");
    if let Some(Fault::NoTimeLimit { .. }) = error.downcast_ref() {
        message.push_str("; --time-limit SECONDS sets one for this run");
    }
    if args.json {
        print(&serde_json::to_string(&JudgeErrorLine::new(&message))?)?;
    }
    tell(&format!("error: {message}"));
    Ok(ExitCode::from(JUDGE_ERROR))
}

impl Args {
    fn source(&self) -> anyhow::Result<Source> {
        let files = match self.files.as_slice() {
            [directory] if directory.is_dir() => files_in(directory)?,
            files => files.to_vec(),
        };
        Ok(Source {
            files: files
                .iter()
                .map(|path| read(path))
                .collect::<Result<_, _>>()?,
            language: self.language.clone(),
            entry_point: self.entry_point.clone(),
        })
    }
}

/// The files directly in a directory, by name.
fn files_in(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let failed = || format!("failed to list {}", directory.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> anyhow::Result<SourceFile> {
    let Some(name) = path.file_name() else {
        bail!("{} is not a file", path.display());
    };
    Ok(SourceFile {
        name: name.to_string_lossy().into_owned(),
        content: std::fs::read(path)
            .with_context(|| format!("failed to read {}", path.display()))?,
    })
}

fn positive_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(limit) if !limit.is_zero() => Ok(limit),
        _ => Err("must be more than 0".to_owned()),
    }
}

fn print_table(judgement: &Judgement) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "case", "verdict", "score", "cpu", "wall", "memory", "message",
    ]);
    let scored = judgement.cases.iter().any(|case| case.score.is_some());
    for case in &judgement.cases {
        let reason = case.reason.as_ref().map(ToString::to_string);
        let said = [
            reason.unwrap_or_default(),
            doubt(&case.timing).unwrap_or_default(),
            first_line(&case.jury_message),
        ];
        table.add_row([
            case.name.clone(),
            case.verdict.to_string(),
            case.score.map(points).unwrap_or_default(),
            format!("{} ms", case.cpu.as_millis()),
            format!("{} ms", case.wall.as_millis()),
            format!("{} KiB", case.memory_bytes >> 10),
            said.iter()
                .filter(|part| !part.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(": "),
        ]);
    }
    if let Some(column) = table.column_mut(2).filter(|_| !scored) {
        column.set_constraint(ColumnConstraint::Hidden);
    }
    if !judgement.cases.is_empty() {
        print(&table.trim_fmt())?;
    }
    if !judgement.compile_log.is_empty() {
        tell(judgement.compile_log.trim_end());
    }
    print_groups(&judgement.groups)?;
    print(&format!("{}{}", judgement.verdict, summary(judgement)))
}

fn print_groups(groups: &[GroupResult]) -> anyhow::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_header(["group", "verdict", "score"]);
    for group in groups {
        let score = group.score.map(points).unwrap_or_default();
        table.add_row([group.name.clone(), group.verdict.to_string(), score]);
    }
    print(&table.trim_fmt())
}

fn summary(judgement: &Judgement) -> String {
    let reason = judgement.reason.as_ref();
    let reason = reason
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default();
    let score = judgement.score;
    let score = score
        .map(|score| format!("  {} points", points(score)))
        .unwrap_or_default();
    format!(
        "{reason}{score}  {}, {} of {} cases, slowest {} ms of {} ms, {}",
        judgement.language,
        judgement.cases.len(),
        judgement.case_count,
        judgement.cpu.as_millis(),
        judgement.time_limit.as_millis(),
        judgement.toolchain,
    )
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_is_a_positive_number_of_seconds() {
        assert_eq!(positive_seconds("2.5"), Ok(Duration::from_millis(2500)));
        for text in ["0", "-1", "NaN", "inf", "x", ""] {
            assert!(positive_seconds(text).is_err(), "{text}");
        }
    }
}
