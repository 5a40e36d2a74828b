//! `results-sink check`.

use anyhow::Context;
use clap::Args;
use service::DatabaseArgs;
use store::Database;

use super::print;
use crate::check::{Finding, check};

/// Exit status when something differs.
const DIFFERS: u8 = 1;

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl CheckArgs {
    pub(super) async fn execute(self) -> anyhow::Result<u8> {
        let database = Database::open(&self.database.url()?).await?;
        let findings = check(&database).await?;
        for finding in &findings {
            if self.json {
                print(&serde_json::to_string(finding).context("failed to write JSON")?)?;
            } else {
                print(&line(finding))?;
            }
        }
        if findings.is_empty() && !self.json {
            print("everything derived is as its rows say")?;
        }
        Ok(if findings.is_empty() { 0 } else { DIFFERS })
    }
}

fn line(finding: &Finding) -> String {
    match finding {
        Finding::Count {
            tenant,
            problem_id,
            verdict,
            counted,
            rows,
        } => format!(
            "{tenant}/{problem_id}: the counter of {verdict} says {counted}, there are {rows} rows"
        ),
        Finding::SourceMissing {
            submission_id,
            source_digest,
        } => format!("{submission_id}: its source {source_digest} is not kept"),
        Finding::Refused {
            topic,
            submission_id,
            generation,
            reason,
        } => {
            format!("{submission_id} generation {generation}: cannot be sent to {topic}: {reason}")
        }
        Finding::HeldForNothing {
            submission_id,
            generation,
        } => format!(
            "{submission_id} generation {generation}: waits in the outbox for a decision that was made"
        ),
    }
}
