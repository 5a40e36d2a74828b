//! The `evaluator` binary: see `evaluator --help`.

use std::process::ExitCode;

use clap::Parser;
use evaluator::cli::Cli;

const _: () = seeded::refuse_in_release(cfg!(debug_assertions));

fn main() -> anyhow::Result<ExitCode> {
    Cli::parse().execute()
}
