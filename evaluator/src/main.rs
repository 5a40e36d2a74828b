//! The `evaluator` binary: see `evaluator --help`.

use std::process::ExitCode;

use clap::Parser;
use evaluator::cli::Cli;

fn main() -> anyhow::Result<ExitCode> {
    Cli::parse().execute()
}
