//! `tribunal dlq`: what nobody could judge, why, and another try once the cause is mended.

mod filter;
mod letter;
mod replay;
mod show;

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use comfy_table::{Table, presets};
use kafka::tail::Mark;
use kafka::{ClientConfig, Start, Tail, Tailed};
use schemas::topics;
use service::KafkaArgs;

use super::{REFUSED, block_on, print_line, tell};
use filter::Filter;
use letter::{Letter, Place};

/// See what became a dead letter and why, and have it judged again once the cause is mended.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A dead letter is a submission that nobody could judge; its submitter sees JE, which is ours. Mend the cause, then replay: the
submission goes onto submissions.bulk as its generation + 1, and the new verdict repairs the JE. To replay twice is harmless: both
ask for the same (submission, generation), of which the first verdict counts.

Exit status: 0 done, 1 some of it cannot be replayed or nothing was found to show, 2 wrong usage or an error.

Examples:
  tribunal dlq list --cause package-unavailable --since 2026-11-23
  tribunal dlq show 3/17
  tribunal dlq replay --problem lanterns --dry-run")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List dead letters, oldest first within each partition.
    List(ListArgs),
    /// Show one with its headers and the submission in it.
    Show(ShowArgs),
    /// Ask for a new judgement of the submissions in them.
    Replay(replay::Args),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    filter: Filter,
    /// Print one line of JSON per dead letter.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Where it is, as `list` prints it: PARTITION/OFFSET.
    place: Place,
    /// Print a line of JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// Does what was asked.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    block_on(async {
        match &args.action {
            Action::List(args) => list(args).await,
            Action::Show(args) => show(args).await,
            Action::Replay(args) => replay::execute(args).await,
        }
    })?
}

fn client(kafka: &KafkaArgs) -> anyhow::Result<ClientConfig> {
    kafka.client_config("tribunal-dlq")
}

async fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let mut letters = Letters::open(&client(&args.kafka)?, &args.filter).await?;
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header([
        "letter",
        "at",
        "cause",
        "problem",
        "submission",
        "generation",
        "tenant",
        "message",
    ]);
    let mut count = 0;
    while let Some(letter) = letters.next().await? {
        count += 1;
        if args.json {
            print_line(&letter.summary().to_string());
        } else {
            table.add_row(letter.row());
        }
    }
    if !args.json {
        print_line(&table.trim_fmt());
        tell(&format!("{count} dead letters"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let all = Filter::default();
    let mut letters = Letters::open(&client(&args.kafka)?, &all).await?;
    while let Some(letter) = letters.next().await? {
        if letter.place() == args.place {
            print_line(&if args.json {
                show::json(&letter).to_string()
            } else {
                show::text(&letter)
            });
            return Ok(ExitCode::SUCCESS);
        }
    }
    tell(&format!(
        "no dead letter at {}: `tribunal dlq list` names those there are, and they stay for {} days",
        args.place,
        retention_days()
    ));
    Ok(ExitCode::from(REFUSED))
}

fn retention_days() -> u64 {
    const DAY_MS: u64 = 24 * 3_600_000;
    let topic = topics::declared_topic(topics::Profile::Cluster, topics::SUBMISSIONS_DLQ);
    topic
        .and_then(|topic| topic.retention_ms)
        .unwrap_or_default()
        / DAY_MS
}

/// The dead letters that are there now and pass a filter, one at a time: there may be many, and large ones.
struct Letters<'a> {
    tail: Tail,
    end: Mark,
    filter: &'a Filter,
}

impl<'a> Letters<'a> {
    async fn open(client: &ClientConfig, filter: &'a Filter) -> anyhow::Result<Self> {
        let start = filter.since_ms.map_or(Start::Beginning, Start::Timestamp);
        let tail = Tail::open(client, &[topics::SUBMISSIONS_DLQ], start).await?;
        let end = tail.mark();
        Ok(Self { tail, end, filter })
    }

    async fn next(&mut self) -> anyhow::Result<Option<Letter>> {
        loop {
            let next = self.tail.next().await;
            match next.context("failed to read the dead letters")? {
                Tailed::Record(record) => {
                    let letter = Letter::read(record);
                    if self.filter.admits(&letter) {
                        return Ok(Some(letter));
                    }
                }
                Tailed::Mark(mark) if mark == self.end => return Ok(None),
                Tailed::Mark(_) => {}
            }
        }
    }
}
