//! `cargo run --release -p bench -- NAME --json`: figures as ratios against a baseline measured in the same run.

use std::process::ExitCode;

use clap::Parser;

fn main() -> anyhow::Result<ExitCode> {
    bench::Cli::parse().execute()
}
