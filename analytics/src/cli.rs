//! The command line.

mod report;
mod run;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use service::LogArgs;

/// Counts submissions, solve rates and queue ages from the log, as a group of its own.
///
/// It reads the same topics as the evaluators and shares nothing else with them. Stop it, slow it down
/// or replay the whole log into a new group: the counts come out the same.
#[derive(Debug, Parser)]
#[command(name = "analytics", version)]
pub struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read the log until told to stop (SIGTERM or SIGINT)
    ///
    /// Every flag may also stand in the settings file, under its long name with underscores.
    Run(run::RunArgs),
    /// Print what a group has counted so far
    ///
    /// Distinct submissions, solve rates and queue ages, by problem, language and time window. Exit
    /// status: 0 if there is anything to report, 1 if the group has read nothing, 2 if it failed.
    Report(report::ReportArgs),
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
            Command::Report(args) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
