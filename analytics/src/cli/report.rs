//! `analytics report`.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use service::DatabaseArgs;
use store::Database;

use crate::GROUP_ID;
use crate::report::{Window, report, table};

/// Exit status of a report about nothing.
const NOTHING_COUNTED: u8 = 1;

#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Whose counts
    #[arg(long, env = "TRIBUNAL_GROUP", value_name = "NAME", default_value = GROUP_ID)]
    group: String,
    /// Length of a time window
    #[arg(long, value_enum, default_value_t)]
    window: Window,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl ReportArgs {
    pub(super) async fn execute(self) -> anyhow::Result<u8> {
        let database = Database::open(&self.database.url()?).await?;
        let lines = report(&database, &self.group, self.window).await?;
        let mut output = std::io::stdout().lock();
        let written = if self.json {
            lines.iter().try_for_each(|line| {
                serde_json::to_writer(&mut output, line)?;
                writeln!(output)
            })
        } else {
            writeln!(output, "{}", table(&lines, self.window).trim_fmt())
        };
        written.context("failed to write the report")?;
        Ok(if lines.is_empty() { NOTHING_COUNTED } else { 0 })
    }
}
