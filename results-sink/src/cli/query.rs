//! `results-sink query`.

use anyhow::Context;
use clap::Args;
use schemas::VerdictCode;
use service::{DatabaseArgs, shutdown};
use store::Database;

use super::print;
use crate::query::{Found, Query, line, query, table, watch};

/// Exit status when nothing matches, as grep has it.
const NOTHING_FOUND: u8 = 1;

#[derive(Args, Debug)]
pub(super) struct QueryArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this problem
    #[arg(long, value_name = "PROBLEM")]
    problem: Option<String>,
    /// Only this user
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only this submission
    #[arg(long, value_name = "ID")]
    submission: Option<String>,
    /// Only what has this verdict now: AC, WA, TLE, MLE, OLE, RTE, CE, JE or CANCELLED
    #[arg(long, value_name = "VERDICT", value_parser = verdict_code)]
    verdict: Option<VerdictCode>,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Also the jury's part (in JSON)
    #[arg(long, requires = "json")]
    jury: bool,
    /// Stay, and show submissions and verdicts as they come
    #[arg(long)]
    watch: bool,
}

fn verdict_code(text: &str) -> Result<VerdictCode, String> {
    match VerdictCode::from_code(&text.to_uppercase()) {
        VerdictCode::Unknown => Err("no such verdict".into()),
        code => Ok(code),
    }
}

impl QueryArgs {
    pub(super) async fn execute(self) -> anyhow::Result<u8> {
        let database = Database::open(&self.database.url()?).await?;
        let wanted = Query {
            problem_id: self.problem,
            user_id: self.user,
            submission_id: self.submission,
            verdict: self.verdict,
            limit: self.limit,
            jury: self.jury,
        };
        if self.watch {
            let stop = shutdown::on_signals()?;
            let show = |found: &Found| {
                if self.json {
                    print_json(found)
                } else {
                    print(&line(found))
                }
            };
            watch(&database, &wanted, &stop, show).await?;
            return Ok(0);
        }
        let found = query(&database, &wanted).await?;
        if self.json {
            found.iter().try_for_each(print_json)?;
        } else if !found.is_empty() {
            print(&table(&found).trim_fmt())?;
        }
        Ok(if found.is_empty() { NOTHING_FOUND } else { 0 })
    }
}

fn print_json(found: &Found) -> anyhow::Result<()> {
    print(&serde_json::to_string(found).context("failed to write JSON")?)
}
