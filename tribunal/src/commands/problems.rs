//! `tribunal problems`: which package each problem stands for.
//!
//! Publishing verifies the package first: its jury submissions must get what they should, and the time limit is computed once, here, so that
//! every evaluator uses the same. Then the archive goes to the store under its digest, and last the record to `problems`: whoever reads the record
//! finds the archive.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use clap::Subcommand;
use comfy_table::{Table, presets};
use evaluator::{Archives, LocalJudgeArgs};
use judge::Cancel;
use judge::package::{self, OpenPackage, Package, archive};
use judge::verify::{VerifyOptions, verify};
use kafka::{ClientConfig, NewRecord, Producer, Start, Tail};
use schemas::{Problem, codec, topics};
use service::KafkaArgs;

use super::{REFUSED, block_on, print_line, tell};

/// Publish problem packages to a cluster, or list what is published.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 done, 1 a package does not keep what it promises (nothing of it is published), 2 wrong usage or an error.

Examples:
  tribunal problems publish --store file:///srv/packages problems/*/
  tribunal problems list --json")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Verify packages, compute their limits, store them by digest and make them current.
    Publish(PublishArgs),
    /// List the published problems.
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
struct PublishArgs {
    /// Packages, directories or .zip or .kpp files; the name without that ending is the problem's id.
    #[arg(required = true)]
    packages: Vec<PathBuf>,
    /// Object store for the archives: file:///path, http(s)://host/path or s3://bucket/path.
    #[arg(long, env = "TRIBUNAL_STORE")]
    store: String,
    #[command(flatten)]
    judge: LocalJudgeArgs,
    #[command(flatten)]
    kafka: KafkaArgs,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Print one line of JSON per problem.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// Does what was asked.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.action {
        Action::Publish(args) => publish(args),
        Action::List(args) => list(args),
    }
}

fn publish(args: &PublishArgs) -> anyhow::Result<ExitCode> {
    let archives = Archives::open(&args.store)?;
    let judge = args.judge.open()?;
    let client = args.kafka.client_config("tribunal-problems")?;
    let mut refused = false;
    for path in &args.packages {
        let package = load(path)?;
        match verified_time_limit(&judge, &package)? {
            None => {
                refused = true;
                tell(&format!(
                    "{}: not published; `evaluator verify {}` shows what differs",
                    package.id,
                    path.display()
                ));
            }
            Some(time_limit) => {
                let problem = problem(&package, time_limit, &args.store)?;
                block_on(make_current(&archives, &client, &package, &problem))??;
                print_line(&format!(
                    "{}: published, package {}, time limit {} ms",
                    problem.problem_id, problem.package_digest, problem.time_limit_ms
                ));
            }
        }
    }
    Ok(ExitCode::from(if refused { REFUSED } else { 0 }))
}

fn load(path: &Path) -> anyhow::Result<OpenPackage> {
    let package = package::open(path)
        .with_context(|| format!("failed to read the package {}", path.display()))?;
    schemas::check_problem_id(&package.id)?;
    for warning in &package.warnings {
        tell(&format!("{}: {warning}", package.id));
    }
    Ok(package)
}

/// The time limit, if every jury submission got what it should.
fn verified_time_limit(
    judge: &judge::Judge,
    package: &Package,
) -> anyhow::Result<Option<Duration>> {
    let mut worker = judge.worker()?;
    let options = VerifyOptions::default();
    let report = verify(&mut worker, package, options, &Cancel::new()?, &mut |_| ())
        .with_context(|| format!("failed to verify {}", package.id))?;
    Ok(report.time_limit.filter(|_| report.is_ok()))
}

fn problem(package: &Package, time_limit: Duration, store: &str) -> anyhow::Result<Problem> {
    Ok(Problem {
        problem_id: package.id.clone(),
        name: package.name.clone(),
        package_digest: package.digest.clone(),
        location: format!("{}/{}.zip", store.trim_end_matches('/'), package.digest),
        time_limit_ms: i64::try_from(time_limit.as_millis())?,
        memory_limit_bytes: i64::try_from(package.limits.memory_bytes)?,
        output_limit_bytes: i64::try_from(package.limits.output_bytes)?,
        format_version: package.format_version.clone(),
        tests_total: i32::try_from(package.cases.len())?,
        languages: package.languages.clone().unwrap_or_default(),
        published_at_ms: i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?,
    })
}

/// Archive first, record last.
async fn make_current(
    archives: &Archives,
    client: &ClientConfig,
    package: &Package,
    problem: &Problem,
) -> anyhow::Result<()> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    archive::pack(&package.root, &mut bytes).context("failed to pack the package")?;
    archives
        .store(&problem.package_digest, bytes.into_inner())
        .await?;
    let record = NewRecord::new(
        topics::PROBLEMS,
        problem.problem_id.as_str(),
        codec::encode(problem)?,
    );
    let producer = Producer::new(client)?;
    producer
        .send(record)
        .await
        .context("the package is stored, but its record was not accepted: publish again")?;
    Ok(())
}

fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let client = args.kafka.client_config("tribunal-problems")?;
    let problems = block_on(published(&client))??;
    if args.json {
        for problem in &problems {
            print_line(&serde_json::to_string(problem)?);
        }
    } else {
        print_line(&table(&problems).trim_fmt());
    }
    Ok(ExitCode::SUCCESS)
}

/// The last record of each problem.
async fn published(client: &ClientConfig) -> anyhow::Result<Vec<Problem>> {
    let mut tail = Tail::open(client, &[topics::PROBLEMS], Start::Beginning).await?;
    let mut problems = std::collections::BTreeMap::new();
    for record in tail.read_to_present_end().await? {
        let key = record.key.clone().unwrap_or_default();
        if record.payload.is_empty() {
            problems.remove(&key);
            continue;
        }
        let problem: Problem = codec::decode(&record.payload)?;
        ensure!(
            key == problem.problem_id.as_bytes(),
            "a record of `problems` has a key that is not its problem's id: {}",
            problem.problem_id
        );
        problems.insert(key, problem);
    }
    Ok(problems.into_values().collect())
}

fn table(problems: &[Problem]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "problem",
        "name",
        "format",
        "cases",
        "time limit",
        "memory",
        "package",
    ]);
    for problem in problems {
        table.add_row([
            problem.problem_id.clone(),
            problem.name.clone(),
            problem.format_version.clone(),
            problem.tests_total.to_string(),
            format!("{} ms", problem.time_limit_ms),
            format!("{} MiB", problem.memory_limit_bytes >> 20),
            problem.package_digest.chars().take(12).collect(),
        ]);
    }
    table
}
