//! `evaluator verify`: do the jury submissions of a package get what they should?

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use comfy_table::{Table, presets};
use judge::Cancel;
use judge::package::Package;
use judge::verify::{Verified, VerifyReport, verify};

use super::report::{JudgeErrorLine, VerifiedLine};
use crate::local_judge::{DISAGREES, JUDGE_ERROR, LocalJudgeArgs, load_package, print, tell};

/// Judge the jury submissions of a package and compare with what they should get.
///
/// Computes the time limit if the package gives none. Every submission is judged under a neutral name, on all cases, at the time limit times the
/// package's safety margin, so that one run shows the verdict and how far from the limit it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 all agree, 1 some do not, 2 wrong usage or an unreadable package, 3 the judge failed.

Examples:
  evaluator verify problems/lanterns
  evaluator verify --json problems/lanterns | jq -c 'select(.ok | not)'")]
pub(crate) struct Args {
    /// The problem package: a directory with problem.yaml, or a .zip or .kpp of one.
    package: PathBuf,
    /// Print one line of JSON per jury submission as soon as it is judged; the margins go to standard error.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    judge: LocalJudgeArgs,
}

/// Verifies, prints, and tells by the exit status whether all agree.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let package = match load_package(&args.package) {
        Ok(package) => package,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            return Ok(ExitCode::from(2));
        }
    };
    let report = match run(args, &package) {
        Ok(report) => report,
        Err(error) => {
            let message = format!("{error:#}");
            if args.json {
                print(&serde_json::to_string(&JudgeErrorLine::new(&message))?)?;
            }
            tell(&format!("error: {message}"));
            return Ok(ExitCode::from(JUDGE_ERROR));
        }
    };
    if !args.json {
        print_table(&report)?;
    }
    tell_margins(&report, &package);
    Ok(if report.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DISAGREES)
    })
}

fn run(args: &Args, package: &Package) -> anyhow::Result<VerifyReport> {
    let judge = args.judge.open()?;
    let cancel = Cancel::new()?;
    let mut written = Ok(());
    let mut on_verified = |verified: &Verified| {
        if args.json && written.is_ok() {
            written = serde_json::to_string(&VerifiedLine::from(verified))
                .map_err(anyhow::Error::from)
                .and_then(|line| print(&line));
        }
    };
    let report = verify(&mut judge.worker()?, package, &cancel, &mut on_verified)?;
    written?;
    Ok(report)
}

fn print_table(report: &VerifyReport) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "",
        "submission",
        "language",
        "expected",
        "got",
        "slowest",
        "largest",
    ]);
    for verified in &report.submissions {
        let expected: Vec<&str> = verified.expected.iter().map(|one| one.code()).collect();
        table.add_row([
            if verified.is_ok() { "ok" } else { "NOT" }.to_owned(),
            verified.submission.clone(),
            verified.language.clone(),
            expected.join(" "),
            verified.judgement.verdict.to_string(),
            format!("{} ms", verified.judgement.cpu.as_millis()),
            format!("{} KiB", verified.judgement.memory_bytes >> 10),
        ]);
    }
    print(&table.trim_fmt())?;
    for verified in report.submissions.iter().filter(|one| !one.is_ok()) {
        for disagreement in &verified.disagreements {
            print(&format!("{}: {disagreement}", verified.submission))?;
        }
        if !verified.judgement.compile_log.is_empty() {
            print(verified.judgement.compile_log.trim_end())?;
        }
    }
    Ok(())
}

fn tell_margins(report: &VerifyReport, package: &Package) {
    let agree = report.submissions.iter().filter(|one| one.is_ok()).count();
    let named = |entry: &Option<(Duration, String)>| match entry {
        Some((time, name)) => format!("{} ms ({name})", time.as_millis()),
        None => "none".to_owned(),
    };
    tell(&format!(
        "{}: {agree} of {} agree; time limit {} ms, slowest within it {}, fastest over it {}",
        package.id,
        report.submissions.len(),
        report.time_limit.as_millis(),
        named(&report.margins.slowest_accepted),
        named(&report.margins.fastest_too_slow),
    ));
    for warning in &report.margins.warnings {
        tell(&format!("warning: {warning}"));
    }
}
