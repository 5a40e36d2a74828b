//! The command line: one variant a command, one file a command below `commands/`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{doctor, judge, languages, run, verify};

/// Judges submissions: from Kafka as a service, or one from the command line.
#[derive(Debug, Parser)]
#[command(name = "evaluator", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Args>),
    Judge(judge::Args),
    Verify(verify::Args),
    Doctor(doctor::Args),
    Languages(languages::Args),
    /// Write a completion script for a shell to standard output.
    Completions {
        /// The shell to write it for.
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Does what was asked; the exit status is the command's own.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        if !matches!(self.command, Command::Completions { .. }) {
            // Before there is a second thread.
            sandbox::become_root();
        }
        match self.command {
            Command::Run(args) => run::execute(&args),
            Command::Judge(args) => judge::execute(&args),
            Command::Verify(args) => verify::execute(&args),
            Command::Doctor(args) => doctor::execute(&args),
            Command::Languages(args) => languages::execute(&args),
            Command::Completions { shell } => {
                service::completions::print(Self::command(), shell)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}
