//! The command line.

mod check;
mod query;
mod run;

use std::io::Write;

use anyhow::Context;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use service::LogArgs;

/// Records accepted submissions and their verdicts in the database, once each.
///
/// Reads the client lanes and `verdicts` as one group. Start as many as you like: they share the
/// partitions, and whichever is killed, nothing is lost and nothing is recorded twice. One of them also
/// sends what the outbox holds: recorded verdicts to `verdicts.latest`, and to the bulk lane what is judged again.
#[derive(Debug, Parser)]
#[command(name = "results-sink", version)]
pub struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Record until told to stop (SIGTERM or SIGINT)
    ///
    /// Every flag may also stand in the settings file, under its long name with underscores.
    /// `/health/ready` fails while the database or the cluster is away; nothing is lost meanwhile.
    Run(run::RunArgs),
    /// Show submissions and their verdicts
    ///
    /// The newest that match every filter, oldest first. Exit status: 0 if there are any, 1 if there
    /// are none, 2 if it failed.
    Query(query::QueryArgs),
    /// Compute everything that is derived from the rows anew, and show where it differs
    ///
    /// Exit status: 0 if nothing differs, 1 if something does, 2 if it failed.
    Check(check::CheckArgs),
    /// Print shell completions
    Completions {
        /// For this shell
        shell: Shell,
    },
}

impl Cli {
    /// Runs the command; answers the exit status.
    pub async fn execute(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Run(args) => {
                self.log.init()?;
                args.execute().await.map(|()| 0)
            }
            Command::Query(args) => {
                self.log.init_with_default("warn")?;
                args.execute().await
            }
            Command::Check(args) => {
                self.log.init_with_default("warn")?;
                args.execute().await
            }
            Command::Completions { shell } => {
                service::completions::print(Self::command(), shell)?;
                Ok(0)
            }
        }
    }
}

/// Writes a line. A closed pipe ends the command with an error instead of a panic.
fn print(line: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")
        .and_then(|()| output.flush())
        .context("failed to write the output")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
