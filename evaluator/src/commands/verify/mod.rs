//! `evaluator verify`: is a package what it says?

mod report;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use judge::Cancel;
use judge::package::Package;
use judge::verify::{Heard, VerifyOptions, VerifyReport, verify};
use serde::Serialize;

use crate::commands::report::JudgeErrorLine;
use crate::local_judge::{DISAGREES, JUDGE_ERROR, LocalJudgeArgs, open_package, print, tell};
use report::{FindingLine, SummaryLine, VerifiedLine};

/// Check a package: its validators, its jury submissions and its time limit.
///
/// Runs the input validators on every input, the output validator on every answer, and both on the tests that the package brings for them. Judges
/// every jury submission under a neutral name, at the time limit times the package's safety margin, so that one run shows the verdict and how far
/// from the limit it is; computes the limit if the package gives none.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 all agree, 1 something does not (with --strict: or somebody should look at something), 2 wrong usage or an unreadable package, 3 the judge failed.

With --json every line has a `kind`: `finding` is something wrong with the package itself, `submission` a jury submission, `summary` the last line.

Examples:
  evaluator verify problems/lanterns
  evaluator verify --strict problems/lanterns.zip
  evaluator verify --json problems/lanterns | jq -c 'select(.ok | not)'")]
pub(crate) struct Args {
    /// The problem package: a directory with problem.yaml, or a .zip or .kpp of one.
    package: PathBuf,
    /// Pass over jury submissions in languages that are not available here. Otherwise they make the package fail: nobody knows what they get.
    #[arg(long)]
    skip_unavailable: bool,
    /// Take every warning for an error: of what is read over in the package, and of what somebody should look at.
    #[arg(long)]
    strict: bool,
    /// Print lines of JSON as soon as something is known, and a summary.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    judge: LocalJudgeArgs,
}

/// Verifies, prints, and tells by the exit status whether all agree.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let package = match open_package(&args.package) {
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
                print_json(&JudgeErrorLine::new(&message))?;
            }
            tell(&format!("error: {message}"));
            return Ok(ExitCode::from(JUDGE_ERROR));
        }
    };
    if args.json {
        print_json(&SummaryLine::new(&report, &package))?;
    } else {
        table::print(&report, &package)?;
    }
    table::tell_summary(&report, &package);
    Ok(if report.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DISAGREES)
    })
}

fn run(args: &Args, package: &Package) -> anyhow::Result<VerifyReport> {
    let judge = args.judge.open()?;
    let cancel = Cancel::new()?;
    let options = VerifyOptions {
        skip_unavailable: args.skip_unavailable,
        strict: args.strict,
    };
    let mut written = Ok(());
    let mut on_heard = |heard: Heard<'_>| {
        if args.json && written.is_ok() {
            written = match heard {
                Heard::Finding(finding) => print_json(&FindingLine::from(finding)),
                Heard::Submission(verified) => print_json(&VerifiedLine::from(verified)),
            };
        }
    };
    let report = verify(
        &mut judge.worker()?,
        package,
        options,
        &cancel,
        &mut on_heard,
    )?;
    written?;
    Ok(report)
}

fn print_json(line: &impl Serialize) -> anyhow::Result<()> {
    print(&serde_json::to_string(line)?)
}
