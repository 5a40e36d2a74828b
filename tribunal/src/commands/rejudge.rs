//! `tribunal rejudge`: judge submissions again, and say what it changed.

mod output;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use results_sink::rejudge::{
    self, Begun, Decision, NotDecided, Progress, Rejudging, Selection, State,
};
use service::{DatabaseArgs, LogArgs, shutdown};
use store::Database;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::moment::moment_ms;
use super::{FAILED, REFUSED, block_on, tell};
use output::Output;

/// How often to look how far it is.
const LOOK: Duration = Duration::from_millis(500);

/// Judge submissions again, and say what it changed.
///
/// Takes every submission that has a verdict and matches all that is given, and judges it once more, against the problem's present
/// package, on the low-weight lane. That is decided at once and in one transaction; a running results-sink publishes it, so this command may be stopped or
/// die: given again it goes on watching the same rejudging, and starts another one only with --again.
///
/// With --shadow the new verdicts are recorded, but nobody is shown them before `--apply` has made all of them current at once. A judge
/// error never replaces a real verdict.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 done, 1 nothing matches or it was not decided, 2 wrong usage or an error, 3 stopped before all were judged.

Examples:
  tribunal rejudge --problem lanterns --dry-run
  tribunal rejudge --problem lanterns --since 2026-11-23 --shadow
  tribunal rejudge --apply 3f9a0c2b71de")]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
    .args(["problem", "submissions", "since_ms", "apply", "discard", "show"]))]
pub(crate) struct Args {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Submissions for this problem.
    #[arg(long, value_name = "PROBLEM")]
    problem: Option<String>,
    /// This submission; may be repeated.
    #[arg(long = "submission", value_name = "ID")]
    submissions: Vec<Uuid>,
    /// Submissions accepted at this moment or later: 2026-11-23 or 2026-11-23T10:00:00Z.
    #[arg(long = "since", value_name = "TIME", value_parser = moment_ms)]
    since_ms: Option<i64>,
    /// Only say what would be judged again.
    #[arg(long)]
    dry_run: bool,
    /// Record the new verdicts without making them current: the report comes first.
    #[arg(long)]
    shadow: bool,
    /// Rejudge also what was rejudged by the same command before.
    #[arg(long)]
    again: bool,
    /// Do not wait until all are judged.
    #[arg(long)]
    no_wait: bool,
    /// Make the verdicts of this shadow rejudging current.
    #[arg(long, value_name = "REJUDGING", group = "decision", conflicts_with_all = SELECTING)]
    apply: Option<String>,
    /// Never make the verdicts of this shadow rejudging current.
    #[arg(long, value_name = "REJUDGING", group = "decision", conflicts_with_all = SELECTING)]
    discard: Option<String>,
    /// Show how far this rejudging is and what it changed.
    #[arg(long, value_name = "REJUDGING", group = "decision", conflicts_with_all = SELECTING)]
    show: Option<String>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    log: LogArgs,
}

const SELECTING: [&str; 6] = [
    "problem",
    "submissions",
    "since_ms",
    "dry_run",
    "shadow",
    "again",
];

/// Does what was asked.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    args.log.init_with_default("warn")?;
    block_on(async {
        let database = Database::open(&args.database.url()?).await?;
        let mut output = Output::new(args.json);
        match (&args.apply, &args.discard, &args.show) {
            (Some(id), ..) => decide(&database, &mut output, id, Decision::Apply).await,
            (_, Some(id), _) => decide(&database, &mut output, id, Decision::Discard).await,
            (.., Some(id)) => show(&database, &mut output, id).await,
            _ if args.dry_run => preview(&database, &mut output, &args.selection()).await,
            _ => run(&database, &mut output, args).await,
        }
    })?
}

impl Args {
    fn selection(&self) -> Selection {
        Selection {
            problem_id: self.problem.clone(),
            submission_ids: self.submissions.iter().map(Uuid::to_string).collect(),
            since_ms: self.since_ms,
        }
    }
}

async fn preview(
    database: &Database,
    output: &mut Output,
    selection: &Selection,
) -> anyhow::Result<ExitCode> {
    let selected = rejudge::preview(database, selection).await?;
    output.selected(&selected)?;
    Ok(if selected.is_empty() {
        nothing_matches()
    } else {
        ExitCode::SUCCESS
    })
}

fn nothing_matches() -> ExitCode {
    tell("no submission that has a verdict matches");
    ExitCode::from(REFUSED)
}

async fn run(database: &Database, output: &mut Output, args: &Args) -> anyhow::Result<ExitCode> {
    let selection = args.selection();
    let begun = rejudge::begin(database, &selection, args.shadow, args.again).await?;
    let (rejudging, is_new) = match begun {
        Begun::NothingSelected => return Ok(nothing_matches()),
        Begun::New(rejudging) => (rejudging, true),
        Begun::Known(rejudging) => (rejudging, false),
    };
    output.begun(&rejudging, is_new)?;
    if args.no_wait {
        return Ok(ExitCode::SUCCESS);
    }
    let stop = shutdown::on_signals()?;
    if rejudging.state != State::Discarded && !watch(database, output, &rejudging, &stop).await? {
        tell(&format!(
            "it goes on without this command; the same command, or `tribunal rejudge --show {}`, shows it again",
            rejudging.id
        ));
        return Ok(ExitCode::from(FAILED));
    }
    report(database, output, &rejudging.id).await
}

/// Follows it until all are judged; false if told to stop before that.
async fn watch(
    database: &Database,
    output: &mut Output,
    rejudging: &Rejudging,
    stop: &CancellationToken,
) -> anyhow::Result<bool> {
    let mut shown: Option<Progress> = None;
    loop {
        let progress = rejudge::progress(database, &rejudging.id).await?;
        if shown != Some(progress) {
            output.progress(progress)?;
            shown = Some(progress);
        }
        if progress.is_complete() {
            output.end_of_progress();
            return Ok(true);
        }
        let wait = stop.run_until_cancelled(tokio::time::sleep(LOOK));
        if wait.await.is_none() {
            output.end_of_progress();
            return Ok(false);
        }
    }
}

async fn show(database: &Database, output: &mut Output, id: &str) -> anyhow::Result<ExitCode> {
    if rejudge::find(database, id).await?.is_none() {
        tell(&NotDecided::Unknown(id.to_owned()).to_string());
        return Ok(ExitCode::from(REFUSED));
    }
    output.progress(rejudge::progress(database, id).await?)?;
    output.end_of_progress();
    report(database, output, id).await
}

async fn report(database: &Database, output: &mut Output, id: &str) -> anyhow::Result<ExitCode> {
    let rejudging = rejudge::find(database, id).await?;
    let rejudging = rejudging.context("the rejudging is gone from the database")?;
    output.changes(&rejudge::changes(database, id).await?)?;
    output.summary(&rejudge::report(database, rejudging).await?)?;
    Ok(ExitCode::SUCCESS)
}

async fn decide(
    database: &Database,
    output: &mut Output,
    id: &str,
    decision: Decision,
) -> anyhow::Result<ExitCode> {
    match rejudge::decide(database, id, decision).await {
        Ok(rejudging) => {
            output.summary(&rejudge::report(database, rejudging).await?)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(NotDecided::Database(error)) => Err(error.into()),
        Err(refusal) => {
            tell(&refusal.to_string());
            Ok(ExitCode::from(REFUSED))
        }
    }
}
