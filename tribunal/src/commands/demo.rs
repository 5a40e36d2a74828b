//! `tribunal demo`: every jury submission of some packages through the whole pipeline, in one process.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use analytics::Window;
use anyhow::{Context, bail};
use judge::Languages;
use kafka::embedded::Budget;
use kafka::{Start, Tail};
use producer::{Lane, NewSubmission, Submitter};
use schemas::{Submission, Verdict, codec, topics};
use service::LogArgs;
use store::Database;
use uuid::Uuid;

use super::{REFUSED, block_on, print_line};
use crate::demo::{JuryEntry, Tally, collect, render, watch};
use crate::embedded::{Access, Embedded, EmbeddedArgs, embedded_topics};

/// How long the sink and analytics may take to catch up with the last verdict.
const CATCH_UP: Duration = Duration::from_secs(30);

/// Judge every jury submission of some packages with every role in this process, and compare.
///
/// The broker is in memory and the database is SQLite: this is for trying out, everything real runs on Apache Kafka and PostgreSQL.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 every submission got what its package expects, 1 some did not, 2 wrong usage or an error.")]
pub(crate) struct Args {
    #[command(flatten)]
    embedded: EmbeddedArgs,
    /// Directory kept from run to run for compiled programs and the database [default: a temporary one].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Seconds after which the demonstration gives up.
    #[arg(long, default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    #[command(flatten)]
    log: LogArgs,
}

/// Runs the demonstration.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    args.log.init_with_default("warn")?;
    let tally = block_on(async {
        let limit = Duration::from_secs(args.timeout);
        let run = tokio::time::timeout(limit, run(args)).await;
        run.context("the demonstration took too long; --timeout SECONDS gives it more time")?
    })??;
    Ok(ExitCode::from(if tally.is_clean() { 0 } else { REFUSED }))
}

async fn run(args: &Args) -> anyhow::Result<Tally> {
    let entries = judged_here(collect(&args.embedded.problems)?);
    print_line(&format!(
        "Judging {} jury submissions from {} on the embedded profile: an in-memory broker and SQLite.",
        entries.len(),
        args.embedded.problems.display()
    ));
    let temporary = tempfile::tempdir()?;
    let folder = args.data.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder)
        .with_context(|| format!("failed to make {}", folder.display()))?;
    let mut embedded = Embedded::start(&args.embedded, folder).await?;
    let pipeline = embedded.access();
    let outcome = tokio::select! {
        outcome = judge_all(&pipeline, entries) => outcome,
        error = embedded.failure() => Err(error),
    };
    let (results, report) = outcome?;
    embedded.stop().await?;
    let (table, tally) = render(&results);
    print_line(&table.trim_fmt());
    print_line(&format!(
        "\nWhat analytics counted, as a group of its own:\n{report}"
    ));
    print_line(&format!(
        "\n{} of {} jury submissions judged as expected{}",
        tally.agreed,
        results.len(),
        if tally.is_clean() {
            ""
        } else {
            ": not all agree"
        }
    ));
    Ok(tally)
}

/// The entries in languages that are installed; says which others there would be, and what to do about it.
fn judged_here(entries: Vec<JuryEntry>) -> Vec<JuryEntry> {
    let languages = Languages::builtin();
    let mut skipped: BTreeMap<String, usize> = BTreeMap::new();
    let mut judged = Vec::with_capacity(entries.len());
    for entry in entries {
        // What has no single language is a compile error, and judged as such.
        match languages.detect(&entry.source()) {
            Ok(language) if !language.is_installed() => {
                let what = format!(
                    "{}, which is not available here; {}",
                    language.name,
                    language.advice()
                );
                *skipped.entry(what).or_default() += 1;
            }
            _ => judged.push(entry),
        }
    }
    for (what, count) in skipped {
        print_line(&format!("Skipping {count} jury submissions in {what}"));
    }
    judged
}

type Results = Vec<(JuryEntry, Option<Verdict>)>;

/// Submits, follows, and reads back what was recorded and counted.
async fn judge_all(
    pipeline: &Access,
    entries: Vec<JuryEntry>,
) -> anyhow::Result<(Results, String)> {
    let followed = [topics::PROGRESS, topics::VERDICTS];
    let mut tail = Tail::open(&pipeline.client, &followed, Start::End).await?;
    let prepared = prepare(&entries)?;
    submit_all(pipeline, &prepared).await?;
    let waiting: HashMap<Uuid, JuryEntry> = prepared
        .iter()
        .map(|submission| submission.submission_id)
        .zip(entries.iter().cloned())
        .collect();
    let verdicts = watch(&mut tail, &waiting).await?;
    let database = Database::connect(&pipeline.database_url).await?;
    let report = caught_up(&database, &verdicts).await?;
    let result = |(submission, entry): (&Submission, JuryEntry)| {
        (entry, verdicts.get(&submission.submission_id).cloned())
    };
    let results = prepared.iter().zip(entries).map(result).collect();
    Ok((results, report))
}

/// Each entry as a submission of the jury's; a second run of the demonstration makes new ones.
fn prepare(entries: &[JuryEntry]) -> anyhow::Result<Vec<Submission>> {
    let run = Uuid::new_v4();
    let submission = |entry: &JuryEntry| {
        let new = NewSubmission {
            tenant: "demo".to_owned(),
            user_id: "jury".to_owned(),
            problem_id: entry.problem_id.clone(),
            language: entry.language.clone(),
            entry_point: entry.entry_point.clone(),
            files: entry.files.clone(),
            idempotency_key: Some(format!("{run} {}", entry.path)),
            ..NewSubmission::default()
        };
        new.prepare()
            .with_context(|| format!("failed to submit {} {}", entry.problem_id, entry.path))
    };
    entries.iter().map(submission).collect()
}

/// Sends everything; each is accepted only when its delivery report has come.
async fn submit_all(pipeline: &Access, prepared: &[Submission]) -> anyhow::Result<()> {
    let topics = embedded_topics();
    let topics: Vec<(&str, i32)> = topics.iter().map(|(name, n)| (&**name, *n)).collect();
    let budget = Budget::new(&topics);
    let submitter = Submitter::new(&pipeline.client)?;
    let mut reports = Vec::new();
    for submission in prepared {
        let bytes = codec::encode(submission)?.len();
        let key = submission.problem_id.as_bytes();
        let full = "the embedded broker has no room for all of it: use Apache Kafka for more";
        budget
            .reserve(topics::SUBMISSIONS, key, bytes)
            .context(full)?;
        reports.push(submitter.send(submission, Lane::Interactive)?);
    }
    for report in reports {
        report.await.context("a submission was not accepted")?;
    }
    Ok(())
}

/// Waits until the sink has a row of each verdict and analytics has counted it; returns the report.
async fn caught_up(
    database: &Database,
    verdicts: &HashMap<Uuid, Verdict>,
) -> anyhow::Result<String> {
    let deadline = tokio::time::Instant::now() + CATCH_UP;
    loop {
        let recorded = recorded(database, verdicts).await?;
        let lines = analytics::report(database, analytics::GROUP_ID, Window::All).await?;
        let counted: i64 = lines.iter().map(|line| line.judged).sum();
        if recorded && usize::try_from(counted)? >= verdicts.len() {
            return Ok(analytics::report::table(&lines, Window::All).trim_fmt());
        }
        if tokio::time::Instant::now() > deadline {
            bail!("the verdicts are published, but sink or analytics did not record them in time");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether the row of every submission says what its verdict on the log says.
async fn recorded(database: &Database, verdicts: &HashMap<Uuid, Verdict>) -> anyhow::Result<bool> {
    let query = results_sink::Query {
        limit: u32::MAX,
        ..results_sink::Query::default()
    };
    let rows = results_sink::query(database, &query).await?;
    let rows: HashMap<&str, Option<&str>> = rows
        .iter()
        .map(|row| (row.submission_id.as_str(), row.verdict.as_deref()))
        .collect();
    Ok(verdicts.iter().all(|(id, verdict)| {
        rows.get(id.to_string().as_str()) == Some(&Some(verdict.verdict.as_str()))
    }))
}
