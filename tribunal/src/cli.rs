//! The command line: one variant a command, one file a command below `commands/`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{self, demo, dlq, problems, rejudge, topics, up};

/// Tries Tribunal out in one process, and looks after the topics and problems of a real cluster.
#[derive(Debug, Parser)]
#[command(name = "tribunal", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge every jury submission of some packages with every role in this process, and compare.
    Demo(demo::Args),
    /// Run every role in this process until stopped, for trying out.
    Up(up::Args),
    /// Compare the topics of a cluster with what is declared, and mend what is safe to mend.
    Topics(topics::Args),
    /// Publish problem packages to a cluster, or list what is published.
    Problems(problems::Args),
    /// See what nobody could judge and why, and have it judged again once the cause is mended.
    Dlq(dlq::Args),
    /// Judge submissions again, and say what it changed.
    Rejudge(rejudge::Args),
    /// Write a completion script for a shell to standard output.
    Completions {
        /// The shell to write it for.
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Does what was asked; the exit status is the command's own, and never "refused" for an error.
    pub fn execute(self) -> ExitCode {
        self.dispatch().unwrap_or_else(|error| {
            commands::tell(&format!("tribunal: {error:#}"));
            ExitCode::from(commands::ERROR)
        })
    }

    fn dispatch(self) -> anyhow::Result<ExitCode> {
        if !matches!(
            self.command,
            Command::Topics(_)
                | Command::Dlq(_)
                | Command::Rejudge(_)
                | Command::Completions { .. }
        ) {
            // The others judge; before there is a second thread.
            sandbox::become_root();
        }
        match self.command {
            Command::Demo(args) => demo::execute(&args),
            Command::Up(args) => up::execute(&args),
            Command::Topics(args) => topics::execute(&args),
            Command::Problems(args) => problems::execute(&args),
            Command::Dlq(args) => dlq::execute(&args),
            Command::Rejudge(args) => rejudge::execute(&args),
            Command::Completions { shell } => {
                service::completions::print(Self::command(), shell)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}
