//! The command line.

mod query;
mod run;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use service::LogArgs;

/// Records accepted submissions and their verdicts in the database, once each.
///
/// Reads the client lanes and `verdicts` as one group. Start as many as you like: they share the
/// partitions, and whichever is killed, nothing is lost and nothing is recorded twice.
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
    Run(run::RunArgs),
    /// Show submissions and their verdicts
    Query(query::QueryArgs),
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
            Command::Completions { shell } => {
                let mut command = Self::command();
                clap_complete::generate(
                    shell,
                    &mut command,
                    "results-sink",
                    &mut std::io::stdout(),
                );
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
