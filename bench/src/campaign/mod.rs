//! `campaign`: the whole product under load while everything fails that may, and a checker at the end.
//!
//! Processes: three brokers and a PostgreSQL, each with a shell that ends it when we end, however that is; a proxy of ours before
//! each; three evaluators, two sinks, one analytics and guests that come and go, each bound to our main thread by the kernel. The
//! main thread runs the faults of the plan ([`course`]), a task sends the load ([`load`]) and syncs what was acknowledged to a file.
//! When the time is over everything is healed, and when nothing moves any more ([`drain`]) the services are stopped; then the
//! checker compares the file, the topics and the tables ([`checker`]).

mod acknowledged;
mod brokers;
mod chance;
mod checker;
mod clock;
mod course;
mod drain;
mod evidence;
mod history;
mod load;
mod members;
mod plan;
mod programs;
mod proxy;
mod read_database;
mod read_log;
mod report;
mod site;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio_util::sync::CancellationToken;

use crate::pipeline::check_hooks;
use course::Course;
use evidence::Evidence;
use history::History;
use load::{Load, Sent};
use members::Members;
use report::Report;
use site::Site;

/// Until all residents take work for the first time.
const START: Duration = Duration::from_secs(120);
/// Until all residents have ended.
const STOP: Duration = Duration::from_secs(60);
/// The list of what was acknowledged, in the campaign's folder.
const LIST: &str = "acknowledged";

/// What a campaign is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `campaign`: how long things go wrong.
    #[arg(long, default_value_t = 240, value_parser = clap::value_parser!(u64).range(10..=86_400))]
    seconds: u64,
    /// `campaign`: repeats the faults of the campaign that printed it [default: chosen and printed]
    #[arg(long)]
    seed: Option<u64>,
    /// `campaign`: submissions a second, beside the bursts.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(4..=1_000))]
    rate: u32,
    /// `campaign`: slots of each evaluator.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=64))]
    slots: u64,
    /// `campaign`: how long the backlog may take to drain when all is healed, in seconds.
    #[arg(long, default_value_t = 180)]
    drain_seconds: u64,
    /// `campaign`: a variable in the environment of every role, NAME=VALUE; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    role_env: Vec<(String, String)>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Runs a campaign; the exit status is 1 when the guarantee did not hold.
pub(crate) fn execute(args: &Args, json: bool) -> anyhow::Result<ExitCode> {
    check_hooks()?;
    // The processes are bound to this thread, on which the future runs.
    let report = tokio::runtime::Runtime::new()?.block_on(campaign(args))?;
    report.print(json)?;
    Ok(if report.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn campaign(args: &Args) -> anyhow::Result<Report> {
    let stop = service::shutdown::on_signals()?;
    let seed = args.seed.unwrap_or_else(|| clock::now_ms() as u64);
    tell(&format!("campaign of {} s; seed {seed}", args.seconds));
    let site = Site::start(args.role_env.clone()).await?;
    let report = on_site(&site, args, seed, &stop).await;
    let held = report.as_ref().is_ok_and(Report::holds);
    if let Ok(report) = &report {
        tell(&report.text());
    }
    if !held && !stop.is_cancelled() {
        let folder = site.keep_folder();
        tell(&format!(
            "logs of all processes, and the list: {}; look for a submission's id in them; --seed {seed} repeats the faults",
            folder.display()
        ));
    }
    report
}

async fn on_site(
    site: &Site,
    args: &Args,
    seed: u64,
    stop: &CancellationToken,
) -> anyhow::Result<Report> {
    let mut members = Members::start(site, args.slots as usize)?;
    members.until_ready(START).await?;
    let list = site.folder().join(LIST);
    let (load, planter) = Load::new(&site.client, seed, args.rate, &list)?;
    let enough = stop.child_token();
    let sending = tokio::spawn(load.run(enough.clone()));
    let mut course = Course::new(site, members, planter);
    let lasting = Duration::from_secs(args.seconds);
    tell("everything takes work; faults begin");
    course
        .run(&plan::plan(seed, lasting), lasting, stop)
        .await?;
    enough.cancel();
    course.heal().await?;
    let sent = sending.await?.context("the load failed")?;
    tell("healed; waiting until nothing moves any more");
    let limit = Duration::from_secs(args.drain_seconds);
    let still_moving = drain::until_at_rest(site, &mut course, limit, stop).await?;
    let history = course.members.stop(STOP).await?;
    tell("checking");
    checked(site, seed, sent, history, still_moving).await
}

async fn checked(
    site: &Site,
    seed: u64,
    sent: Sent,
    history: History,
    still_moving: Option<String>,
) -> anyhow::Result<Report> {
    let acknowledged = acknowledged::read(&site.folder().join(LIST))?;
    ensure!(!acknowledged.is_empty(), "nothing was acknowledged");
    let evidence = Evidence {
        acknowledged,
        killers: sent.killers.clone(),
        log: read_log::read(&site.client).await?,
        database: read_database::read(&site.database_url).await?,
        disruptions: history.disruptions.clone(),
    };
    Ok(Report {
        seed,
        sent,
        history,
        still_moving,
        findings: checker::check(&evidence),
        repeated: checker::repeated(&evidence),
        divergences: evidence.database.divergences.len(),
    })
}

#[expect(clippy::print_stderr, reason = "figures alone go to standard output")]
fn tell(line: &str) {
    eprintln!("{line}");
}
