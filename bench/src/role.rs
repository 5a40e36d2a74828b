//! A role of the product as a process of a benchmark: this binary started again, with that role's own command line.
//!
//! A release build of the roles' binaries refuses the hooks that benchmarks need; this one has them.

use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use clap::Parser;

/// Becomes the role that the first word names; all words are its command line.
pub(crate) fn play(words: &[String]) -> anyhow::Result<ExitCode> {
    let runtime = || tokio::runtime::Runtime::new().context("failed to start a runtime");
    match words.first().map(String::as_str) {
        // It divides itself from its boxes before there is a second thread.
        Some("evaluator") => evaluator::cli::Cli::parse_from(words).execute(),
        Some("results-sink") => {
            let cli = results_sink::cli::Cli::parse_from(words);
            Ok(runtime()?.block_on(cli.execute())?.into())
        }
        Some("analytics") => {
            let cli = analytics::cli::Cli::parse_from(words);
            Ok(runtime()?.block_on(cli.execute())?.into())
        }
        other => bail!("no role {other:?}"),
    }
}

/// How a campaign starts a role: the binary beside this one where it may have hooks, else this binary again.
pub(crate) fn program(name: &str) -> anyhow::Result<Command> {
    if cfg!(debug_assertions) {
        return e2e::process::command(name);
    }
    let mut command = e2e::process::bound_command(&std::env::current_exe()?);
    command.args(["role", "--", name]);
    Ok(command)
}
